import type { AksSettings } from "../../components/aks/settings.ts";
import type { EksSettings } from "../../components/eks/settings.ts";
import type { GkeSettings } from "../../components/gke/settings.ts";
import { aksFacts } from "./aks.ts";
import { eksFacts } from "./eks.ts";
import { gkeFacts } from "./gke.ts";
import type { CloudFacts } from "./parts.ts";

interface FactsOfClouds {
  readonly gke: CloudFacts<GkeSettings>;
  readonly eks: CloudFacts<EksSettings>;
  readonly aks: CloudFacts<AksSettings>;
}

export const facts: FactsOfClouds = { gke: gkeFacts, eks: eksFacts, aks: aksFacts };
