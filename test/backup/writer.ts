/** A pipeline as far as a backup is concerned: the artifact goes into the store first, and then into the database. */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type mysql from "mysql2/promise";
import type { Store } from "./stores.ts";

export interface Writer {
  readonly nameOf: (number: number) => string;
  /** Resolves once so many artifacts are written. @throws what the writer failed with. */
  readonly hasWritten: (count: number) => Promise<void>;
  /** @returns how many artifacts were written. */
  readonly stop: () => Promise<number>;
}

export function startWriter(database: mysql.Connection, { client, bucket }: Store, table: string): Writer {
  const nameOf = (number: number): string => `artifacts/team-a/run-${number}/model`;
  let [written, stopped] = [0, false];
  const work = async (): Promise<void> => {
    while (!stopped) {
      const contents = `model ${written} of ${Date.now()}`;
      await client.putObject(bucket, nameOf(written), contents);
      const digest = createHash("sha256").update(contents).digest("hex");
      await database.query(`INSERT INTO ${table} VALUES (?, ?, ?, NULL)`, [written, nameOf(written), digest]);
      written += 1;
    }
    await database.end();
  };
  const working = work();
  return {
    nameOf,
    hasWritten: async (count) => {
      while (written < count) await Promise.race([working, delay(20)]);
    },
    stop: async () => {
      stopped = true;
      await working;
      return written;
    },
  };
}
