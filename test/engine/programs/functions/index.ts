import path from "node:path";
import * as pulumi from "@pulumi/pulumi";

const greeting = "good morning";
const handler = (file: string): string => `${greeting}, ${path.basename(file)}`;

export const { text } = await pulumi.runtime.serializeFunction(handler);
