/** The table of builders: the function of each catalog row. A row without a function does not compile. */
import type { ResponderLike } from '../responders/asResponder.js';
import type { JudgeLike } from '../responders/judges/judgeLike.js';
import type { ReviserLike } from '../responders/revisers/asReviser.js';
import type { BuildOptions } from './buildOptions.js';
import { builderCatalog, type BuilderId, type BuilderPart } from './catalog.js';
import { clair } from './clair.js';
import { judgeOffPolicy } from './judgeOffPolicy.js';
import { judgeOnPolicy } from './judgeOnPolicy.js';
import type { PairStream } from './pairStream.js';
import { strongerPreferred } from './strongerPreferred.js';

/** All parts that builders may need, as a world or a set of responses provides them. */
export interface BuilderParts extends Record<BuilderPart, unknown> {
  readonly policy: ResponderLike;
  readonly reviser: ReviserLike;
  readonly judge: JudgeLike;
  /** Two or more models other than the policy. */
  readonly responders: readonly ResponderLike[];
  readonly stronger: ResponderLike;
}

/** A builder that needs no other parts than those of its catalog row. */
export type Builder<Id extends BuilderId> = (
  options: BuildOptions & Pick<BuilderParts, (typeof builderCatalog)[Id]['parts'][number]>,
) => PairStream;

/**
 * The builders, by id.
 *
 * @example
 * const pairs = await collect(builders.clair({ prompts, policy, reviser }));
 */
export const builders = {
  clair,
  judge_on_policy: judgeOnPolicy,
  judge_off_policy: judgeOffPolicy,
  stronger_preferred: strongerPreferred,
} as const satisfies { readonly [Id in BuilderId]: Builder<Id> };

/**
 * Pairs of any builder, from a set of parts that serves all of them; the builder gets only the parts of its catalog row.
 *
 * @example
 * const { policy, reviser, judge, weak, stronger } = datasets.workshop;
 * const parts = { policy, reviser, judge, responders: weak, stronger };
 * for (const id of builderIds) console.log(id, (await collect(buildFromParts(id, parts, { prompts }))).length);
 */
export function buildFromParts(id: BuilderId, parts: BuilderParts, options: BuildOptions): PairStream {
  const build: (options: BuildOptions & BuilderParts) => PairStream = builders[id];
  const needed = builderCatalog[id].parts.map((part) => [part, parts[part]] as const);
  return build({ ...options, ...(Object.fromEntries(needed) as unknown as BuilderParts) });
}
