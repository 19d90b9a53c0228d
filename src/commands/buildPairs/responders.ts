/** The models of a run, as the flags name them: endpoints at a server, and a policy there or in a folder. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import type { Endpoint, EndpointOptions, ResponderLike } from '../../preference.js';
import { pickOptions } from '../options/optionTable.js';
import { type BuildFlags, endpointOptions } from './options.js';

type Preference = typeof import('../../preference.js');

/** Opens the models of a run; all of them share the limits, the budget and the cache that the flags name. */
export interface Responders {
  /** The endpoints opened so far, in their order. */
  readonly endpoints: readonly Endpoint[];
  /** A model at the server of `--base-url`: the one of `--model`, or another judge. */
  readonly openModel: (name: string) => Endpoint;
  /** A policy: the model in the folder of that name if there is one, else the model of that name at the policy's server. */
  readonly openPolicy: (name: string) => Promise<ResponderLike>;
  /** Closes every endpoint. */
  readonly close: () => Promise<void>;
}

/** The models of a run, none opened yet. */
export function createResponders(preference: Preference, flags: BuildFlags): Responders {
  const endpoints: Endpoint[] = [];
  const budget = new preference.Budget({
    ...(flags.maxCost === undefined ? {} : { dollars: flags.maxCost }),
    ...(flags.tokenBudget === undefined ? {} : { tokens: flags.tokenBudget }),
  });
  const shared = {
    ...pickOptions(flags, endpointOptions),
    ...(flags.header === undefined ? {} : { headers: Object.fromEntries(flags.header) }),
    budget,
    cache: flags.cache ?? `${flags.out}.cache`,
  };
  const open = (options: EndpointOptions) => {
    const endpoint = preference.endpoint(options);
    endpoints.push(endpoint);
    return endpoint;
  };
  return {
    endpoints,
    openModel: (model) => open({ ...shared, model, ...priceOf(flags.priceInput, flags.priceOutput) }),
    async openPolicy(model) {
      if (existsSync(path.join(model, 'config.json'))) return loadModel(model, flags);
      return open({
        ...shared,
        model,
        maxTokens: flags.policyMaxTokens,
        ...(flags.policyBaseUrl === undefined ? {} : { baseUrl: flags.policyBaseUrl }),
        ...priceOf(flags.policyPriceInput, flags.policyPriceOutput),
        keepCut: true,
      });
    },
    async close() {
      await Promise.all(endpoints.map((endpoint) => endpoint.close()));
    },
  };
}

/** Stands in for `--policy` if that was not given: a row without a response is then skipped with this reason. */
export const noPolicy: ResponderLike = {
  name: 'no policy',
  concurrency: 1,
  respond: (prompts) =>
    Promise.resolve(
      prompts.map(() => ({
        kind: 'skipped',
        reason: 'the row has no "response", and no --policy was given to write one',
      })),
    ),
};

async function loadModel(folder: string, { backend }: BuildFlags): Promise<ResponderLike> {
  const [{ useBackend }, { fromPretrained }] = await Promise.all([
    import('../../tensor/index.js'),
    import('../../model/index.js'),
  ]);
  await useBackend(backend);
  return fromPretrained(folder);
}

/** The price of the flags. Throws an ApolabError if only one of its two parts is given. */
export function priceOf(input: number | undefined, output: number | undefined): Pick<EndpointOptions, 'price'> {
  if (input === undefined && output === undefined) return {};
  if (input === undefined || output === undefined) {
    throw new ApolabError(
      'A price has two parts: give the price of a million tokens of prompts (--price-input) and of answers (--price-output).',
    );
  }
  return { price: { input, output } };
}
