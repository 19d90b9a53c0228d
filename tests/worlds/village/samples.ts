/** Seeded samples of the world's texts, and the arithmetic that tests compare frequencies with. */
import { createRandom } from '../../../src/core/random.js';
import { answer, type DemonstratorId, preferencePrompts, type World } from '../../../src/worlds/village/index.js';

export function take<T>(items: Generator<T>, count: number): T[] {
  return Array.from({ length: count }, () => items.next().value as T);
}

export interface Sample {
  readonly prompt: string;
  readonly response: string;
}

/** Responses of a demonstrator to preference prompts. */
export function samplesOf(world: World, id: DemonstratorId, count: number, seed = 0): Sample[] {
  const random = createRandom(seed, 'samples', id);
  return take(preferencePrompts(world, seed), count).map((prompt) => ({
    prompt,
    response: answer(world, id, prompt, random),
  }));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function share<T>(items: readonly T[], holds: (item: T) => boolean): number {
  return items.filter(holds).length / items.length;
}

/** Four standard errors of the mean of independent yes-no draws with these probabilities. */
export function fourErrors(probabilities: readonly number[]): number {
  return (4 * Math.sqrt(mean(probabilities.map((p) => p * (1 - p))))) / Math.sqrt(probabilities.length);
}

/** P(Z < z) for a standard normal Z, by Simpson's rule from 0 to z. */
export function normalBelow(z: number): number {
  const intervals = 200;
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const weight = (index: number) => (index === 0 || index === intervals ? 1 : index % 2 === 1 ? 4 : 2);
  const terms = Array.from({ length: intervals + 1 }, (_, index) => weight(index) * density((z * index) / intervals));
  return 0.5 + (z / intervals / 3) * terms.reduce((sum, term) => sum + term, 0);
}
