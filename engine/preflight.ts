import type { ResourceState } from "./deployment.ts";
import type { Registrar } from "./registrar.ts";

/** What a plan takes away. */
export interface PlannedLosses {
  /** The stack before. */
  readonly state: readonly ResourceState[];
  /** As they are now. */
  readonly replaced: readonly ResourceState[];
  /** What stays where it is has `retainOnDelete`. */
  readonly dropped: readonly ResourceState[];
}

/** Asks every provider what its creates and changes would run into. Problems become errors of the plan. */
export async function preflight({ run, creates, changes }: Registrar): Promise<void> {
  if (run.recorder.failed) return;
  const tell = (messages: readonly string[] = []): void => {
    for (const message of messages) run.recorder.error(message);
  };
  const all = [...creates, ...changes];
  await Promise.all([
    ...[...Map.groupBy(creates, ({ provider }) => provider)].map(async ([provider, group]) => {
      tell(await provider.preflight?.(group));
    }),
    ...[...Map.groupBy(changes, ({ provider }) => provider)].map(async ([provider, group]) => {
      tell(await provider.rehearse?.(group, all));
    }),
  ]);
}

/** Has whoever runs the operation judge what the plan takes away. */
export async function judge({ run, replaced, dropped }: Registrar): Promise<void> {
  const { recorder, state, session } = run;
  if (recorder.failed) return;
  const found = (await session.options.judge?.({ state: [...state.live.values()], replaced, dropped })) ?? [];
  for (const diagnostic of found) recorder.diagnose(diagnostic);
}
