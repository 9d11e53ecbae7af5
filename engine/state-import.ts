/** A state that the Pulumi CLI exported, taken over as the offline engine's own. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { UserError } from "../shared/errors.ts";
import { deserializeResource, makeDeployment, type Deployment } from "./deployment.ts";
import { ifExists } from "./files.ts";
import { acquireLock } from "./lock.ts";
import { sdkOf } from "./program.ts";
import { loadProject } from "./project.ts";
import { findPassphrase, PassphraseSecrets } from "./secrets.ts";
import { parseDeployment, stackFiles } from "./store.ts";
import { setAsideState, type StateOptions } from "./stored-state.ts";
import { parseUrn } from "./urn.ts";

export interface ImportedState {
  readonly resources: number;
  /** Begun by the engine that the state is from and not known to have ended: the next operation settles them. */
  readonly pending: number;
  /** Where the state is that the stack had before. */
  readonly setAside?: string;
}

/**
 * Makes what `pulumi stack export` printed the stack's state; the one before it is set aside, not deleted.
 *
 * @param text as exported.
 * @throws UserError when it is no deployment of version 3, of another stack or program, has secrets that the passphrase
 *   does not open, or when somebody works on the stack. Then nothing is changed.
 */
export async function importState(options: StateOptions, text: string): Promise<ImportedState> {
  const { stateDir, stack } = options;
  const project = await loadProject(options.projectRoot);
  const { deployment } = parseDeployment(
    text,
    "What was given",
    `Give what this prints: pulumi stack export --stack ${stack}`,
  );
  checkOwner(deployment, project.name, stack);
  const secrets = await openSecrets(deployment, options);
  const resources = (deployment.resources ?? []).map((resource) => deserializeResource(resource, secrets));
  const pending = (deployment.pending_operations ?? []).map(({ type, resource }) => ({
    type,
    resource: deserializeResource(resource, secrets),
  }));
  const { snapshot, lock } = stackFiles({ stateDir, project: project.name, stack });
  await mkdir(path.dirname(snapshot), { recursive: true });
  const release = await acquireLock(lock, stack, "import");
  try {
    const setAside = await ifExists(setAsideState(options));
    const own = makeDeployment(resources, pending, secrets, sdkOf(project).version);
    await writeFileAtomic(snapshot, JSON.stringify(own), { mode: 0o600 });
    const counts = { resources: resources.length, pending: pending.length };
    return setAside === undefined ? counts : { ...counts, setAside };
  } finally {
    await release();
  }
}

function checkOwner({ resources = [] }: Deployment["deployment"], project: string, stack: string): void {
  for (const { urn } of resources) {
    const owner = parseUrn(urn);
    if (owner.stack === stack && owner.project === project) continue;
    throw new UserError(
      `the state is of stack ${owner.stack} of program ${owner.project}, not of stack ${stack} of program ${project} (${urn}). ` +
        `Import it as the stack it is of, or rename it first: pulumi stack rename ${stack}`,
    );
  }
}

async function openSecrets(
  { secrets_providers: provider }: Deployment["deployment"],
  { stateDir, stack }: StateOptions,
) {
  if (provider !== undefined && provider.type !== "passphrase") {
    throw new UserError(
      `the state's secrets are kept by "${provider.type}", and this engine opens those of a passphrase alone. ` +
        `Change it: pulumi stack change-secrets-provider passphrase --stack ${stack}`,
    );
  }
  return PassphraseSecrets.open(await findPassphrase(stateDir), provider?.state?.salt);
}
