/** Diagnoses of synthetic histories with a known problem, and of real runs of the tiny Llama. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { jupyterDisplay } from '../../src/core/display.js';
import { fromPretrained } from '../../src/model/index.js';
import { readPairs } from '../../src/preference.js';
import { createRandom } from '../../src/core/random.js';
import { diagnose, train, type DiagnosedStep, type TrainOptions } from '../../src/training/index.js';
import { goldenFolder } from '../golden/read.js';

/** The parameters of a synthetic history. */
interface Course {
  steps?: number;
  seed?: number;
  /** The rewards in nats by progress (0 to 1), and the standard deviation of a batch's mean. */
  chosen?: (progress: number) => number;
  rejected?: (progress: number) => number;
  noise?: number;
  gradient?: (progress: number) => number;
}

/** A history as training logs it: rewards with noise, and log-probabilities that also vary between batches. */
function history(course: Course = {}): Required<Pick<DiagnosedStep, 'grad_norm' | 'loss' | 'rewards/margins'>>[] {
  const {
    steps = 100,
    seed = 0,
    chosen = (progress) => 0.8 * progress,
    rejected = (progress) => -0.9 * progress,
    noise = 0.05,
    gradient = (progress) => 2 - progress,
  } = course;
  const random = createRandom(seed, 'histories');
  return Array.from({ length: steps }, (_, index) => {
    const progress = index / (steps - 1);
    const batch = 8 * random.normal();
    const [upper, lower] = [chosen(progress), rejected(progress)].map((reward) => reward + noise * random.normal());
    const margin = upper! - lower!;
    return {
      step: index + 1,
      loss: Math.log1p(Math.exp(-margin)),
      'rewards/chosen': upper!,
      'rewards/rejected': lower!,
      'rewards/margins': margin,
      // Of 16 pairs.
      'rewards/accuracies': Math.round(16 / (1 + Math.exp(-2 * margin + 0.4 * random.normal()))) / 16,
      'logps/chosen': -60 + batch + 10 * upper!,
      'logps/rejected': -62 + batch + 10 * lower!,
      kl: 0,
      grad_norm: gradient(progress) * Math.exp(0.3 * random.normal()),
    };
  });
}

const ids = (...given: Parameters<typeof diagnose>) => diagnose(...given).findings.map(({ id }) => id);
const evidenceOf = (id: string, ...given: Parameters<typeof diagnose>) =>
  diagnose(...given).findings.find((finding) => finding.id === id)?.evidence;

describe('a healthy run', () => {
  test('has no finding, with any noise', () => {
    for (let seed = 0; seed < 200; seed++) expect(ids(history({ seed })), `seed ${seed}`).toEqual([]);
    expect(diagnose(history()).summary).toBe('100 steps: no problem was found.');
  });

  test('has no finding if rewards are large from the start, as without a reference', () => {
    const course = { chosen: (p: number) => -11 + p, rejected: (p: number) => -12 - p, noise: 0.3 };
    for (let seed = 0; seed < 50; seed++) expect(ids(history({ ...course, seed }))).toEqual([]);
  });
});

describe('a synthetic problem is found', () => {
  test("the winners' likelihood falls: the values are named", () => {
    const falling = history({ chosen: (p) => -0.7 * p, rejected: (p) => 0.02 * p });
    expect(ids(falling)).toContain('winners_falling');
    expect(ids(falling)).not.toContain('both_falling');
    expect(evidenceOf('winners_falling', falling)).toMatch(
      /^The chosen responses' reward fell from -0\.0\d+ to -0\.6\d+; log-probabilities went from -\d+\.?\d* to -\d+\.?\d* and from .* nats\.$/,
    );
  });

  test('both likelihoods fall, the losers faster, while the margin grows', () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(ids(history({ seed, chosen: (p) => -0.5 * p, rejected: (p) => -2 * p }))).toEqual(['both_falling']);
    }
  });

  test('the margin comes only from the losers', () => {
    const still = history({ chosen: () => 0, rejected: (p) => -1.5 * p });
    expect(ids(still)).toEqual(['margin_without_movement']);
    expect(evidenceOf('margin_without_movement', still)).toMatch(/ (9\d|10\d) % of it from the rejected responses/);
  });

  test('the margin grows while the score of the generated responses stays the same', () => {
    const scores = (rise: number) =>
      history().map((step, index) => ({ ...step, eval_score: 50 + (index % 7) + rise * index }));
    expect(ids(scores(0))).toEqual(['margin_without_movement']);
    expect(ids(scores(0.2))).toEqual([]);
  });

  test('saturation: all pairs are ranked correctly, hardly any gradient is left', () => {
    const saturated = history({
      chosen: (p) => 4 * Math.min(1, 3 * p),
      rejected: (p) => -4 * Math.min(1, 3 * p),
      gradient: (p) => 2 * Math.exp(-9 * p),
    });
    expect(ids(saturated)).toEqual(['saturation']);
    const since = Number(/since step (\d+) of 100/.exec(evidenceOf('saturation', saturated)!)![1]);
    expect(saturated.slice(since - 1).every((step) => (step as DiagnosedStep)['rewards/accuracies'] === 1)).toBe(true);
    expect((saturated[since - 2] as DiagnosedStep)['rewards/accuracies']).toBeLessThan(1);
    // Either one of the two is not saturation.
    expect(ids(history({ chosen: (p) => 4 * p, rejected: (p) => -4 * p }))).toEqual([]);
    expect(ids(history({ gradient: (p) => 2 * Math.exp(-9 * p) }))).toEqual([]);
  });

  test('a large KL that still grows is found, a constant one is not', () => {
    const withKl = (kl: (progress: number) => number) =>
      history().map((step, index) => ({ ...step, kl: kl(index / 99) }));
    expect(ids(withKl((p) => 40 * p))).toEqual(['kl_runaway']);
    expect(
      evidenceOf(
        'kl_runaway',
        withKl((p) => 40 * p),
      ),
    ).toMatch(/^KL from the reference is 38\.2 nats per response and still grows/);
    expect(ids(withKl((p) => 15 * Math.min(1, 3 * p)))).toEqual([]);
    expect(ids(withKl((p) => 5 * p))).toEqual([]);
  });

  test('without a KL, a runaway policy is found by its rewards', () => {
    const away = history({ chosen: (p) => 3 * p, rejected: (p) => -25 * p, noise: 0.5 });
    expect(ids(away)).toContain('kl_runaway');
    expect(evidenceOf('kl_runaway', away)).toMatch(
      /^rewards\/rejected went from -\d\.\d+ to -2\d\.?\d* and still moves/,
    );
  });

  test('rewarded length is found in generated responses, in single pairs, in batches', () => {
    const random = createRandom(1, 'lengths');
    const written = (growth: number, score: number) =>
      history().map((step, index) => ({
        ...step,
        eval_length: 40 + growth * index + random.normal(),
        eval_score: 50 + score * index,
      }));
    expect(ids(written(0.4, 0))).toContain('length_hacking');
    expect(ids(written(0.4, 0.1))).toEqual([]);
    expect(ids(written(0, 0))).not.toContain('length_hacking');

    const pairs = (share: number) =>
      Array.from({ length: 60 }, () => {
        const longer = 10 * random.normal();
        return {
          chosenReward: share * longer + random.normal(),
          rejectedReward: 0,
          chosenTokens: 40 + longer,
          rejectedTokens: 40,
        };
      });
    expect(ids(history(), { pairs: pairs(0.3) })).toEqual(['length_hacking']);
    expect(evidenceOf('length_hacking', history(), { pairs: pairs(0.3) })).toMatch(
      /^Over 60 pairs .* by 0\.9\d \(95 % interval 0\.\d\d to 0\.9\d\)\.$/,
    );
    expect(ids(history(), { pairs: pairs(0) })).toEqual([]);

    const batches = (share: number) =>
      history().map((step) => {
        const longer = 5 * random.normal();
        return {
          ...step,
          'rewards/margins': step['rewards/margins'] + share * longer,
          'length/chosen': 40 + longer,
          'length/rejected': 40,
        };
      });
    expect(ids(batches(0.05))).toEqual(['length_hacking']);
    expect(ids(batches(0))).toEqual([]);
  });

  test('gradients with many outliers, or growing ones, are found; one outlier is not', () => {
    const outbursts = history().map((step, index) => ({ ...step, grad_norm: index % 20 === 7 ? 90 : step.grad_norm }));
    expect(ids(outbursts)).toEqual(['gradient_explosion']);
    expect(evidenceOf('gradient_explosion', outbursts)).toMatch(
      /^5 of 100 steps have a gradient norm over 10 times the usual [12]\.\d+, up to 90\.$/,
    );
    expect(ids(history({ gradient: (p) => 0.1 * Math.exp(6 * p) }))).toEqual(['gradient_explosion']);
    expect(ids(history().map((step, index) => ({ ...step, grad_norm: index === 50 ? 90 : step.grad_norm })))).toEqual(
      [],
    );
  });

  test('a rising loss is found', () => {
    const rising = history().map((step, index) => ({ ...step, loss: 0.69 + 0.01 * index }));
    expect(ids(rising)).toEqual(['loss_rising']);
  });

  test('a run that is not finite is found with step and metric, and the steps before are diagnosed', () => {
    const course = history({ chosen: (p) => -0.5 * p, rejected: (p) => -2 * p });
    const broken = [...course.slice(0, 80), { ...course[80]!, loss: NaN, grad_norm: Infinity }, ...course.slice(81)];
    expect(ids(broken)).toEqual(['not_finite', 'both_falling']);
    expect(evidenceOf('not_finite', broken)).toBe('In step 81 loss is NaN, grad_norm is Infinity.');
    expect(diagnose(broken).summary).toBe('80 steps: 2 findings.');
  });

  test('too slow learning is found', () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(ids(history({ seed, chosen: () => 0, rejected: () => 0 })), `seed ${seed}`).toEqual(['learning_too_slow']);
    }
  });
});

describe('without enough data there are no findings', () => {
  test('with few steps, except if they are not finite', () => {
    expect(diagnose([]).summary).toBe('0 steps: too few for a diagnosis; at least 12 are needed.');
    const few = history({ steps: 8, chosen: (p) => -p });
    expect(diagnose(few)).toMatchObject({
      findings: [],
      summary: '8 steps: too few for a diagnosis; at least 12 are needed.',
    });
    expect(ids([...few, { ...few[0]!, loss: NaN }])).toEqual(['not_finite']);
  });

  test('with the loss alone, only detectors of the loss find something', () => {
    const losses = Array.from({ length: 40 }, (_, index) => ({ loss: 3 - index / 20 }));
    expect(ids(losses)).toEqual([]);
    expect(ids(losses.map(() => ({ loss: 1 })))).toEqual(['learning_too_slow']);
  });
});

describe('a diagnosis shows itself', () => {
  const falling = history({ chosen: (p) => -0.5 * p, rejected: (p) => -2 * p });
  const shown = diagnose(falling)[jupyterDisplay]();

  test('as text: the problem, its evidence and the fix', () => {
    expect(shown['text/plain']).toMatch(
      /^100 steps: one finding\.\nBoth responses' likelihoods fall\. Rewards fell: from .* If the model already writes better/,
    );
  });

  test('as a figure: log-probabilities, margin, gradient norm', () => {
    const figure = shown['application/vnd.plotly.v1+json'] as {
      data: { name: string; x: number[]; y: number[]; xaxis: string }[];
      layout: { annotations: { text: string }[] };
    };
    const column = (name: keyof DiagnosedStep) => falling.map((step) => (step as DiagnosedStep)[name]);
    const drawn = Object.fromEntries(figure.data.map(({ name, y }) => [name, y]));
    expect(Object.keys(drawn)).toEqual([
      'chosen, each step',
      'chosen',
      'rejected, each step',
      'rejected',
      'margin, each step',
      'margin',
      'gradient norm, each step',
      'gradient norm',
    ]);
    expect(drawn['chosen, each step']).toEqual(column('logps/chosen'));
    expect(drawn['rejected, each step']).toEqual(column('logps/rejected'));
    expect(drawn['margin, each step']).toEqual(column('rewards/margins'));
    expect(drawn['gradient norm, each step']).toEqual(column('grad_norm'));
    expect(figure.data.map(({ xaxis }) => xaxis)).toEqual(['x', 'x', 'x', 'x', 'x2', 'x2', 'x3', 'x3']);
    // The thick line is the mean of seven steps, three before and three after.
    const margins = column('rewards/margins') as number[];
    expect(drawn.margin![50]).toBeCloseTo(margins.slice(47, 54).reduce((sum, value) => sum + value) / 7, 10);
    const text = figure.layout.annotations.map((note) => note.text);
    expect(text).toContain('100 steps: one finding.');
    expect(text.join(' ')).toContain("<b>Both responses' likelihoods fall</b> Rewards fell:");
    expect(Math.max(...text.map((line) => line.length))).toBeLessThanOrEqual(92);
  });
});

describe('a real run on the tiny Llama', () => {
  const diagnosed = async (options: TrainOptions) => {
    const { pairs } = await readPairs(path.join(goldenFolder, 'trajectory-pairs.jsonl'));
    // The first eight pairs contradict each other, so they cannot all be ranked correctly.
    const consistent = pairs.slice(8);
    const steps: DiagnosedStep[] = [];
    const model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
    for await (const step of train(model, consistent, { batchSize: 7, epochs: 12, ...options })) steps.push(step);
    return diagnose(steps);
  };

  test('with APO-down both likelihoods fall, as it is meant to do', async () => {
    const { findings } = await diagnosed({ objective: 'apo_down', learningRate: 1e-3 });
    expect(findings.map(({ id }) => id)).toContain('both_falling');
  });

  test('with APO-zero has no finding', async () => {
    const { findings } = await diagnosed({ objective: 'apo_zero', learningRate: 3e-4 });
    expect(findings).toEqual([]);
  });

  test('with a learning rate near 0 learns hardly anything', async () => {
    const { findings } = await diagnosed({ objective: 'dpo', learningRate: 1e-9 });
    expect(findings.map(({ id }) => id)).toEqual(['learning_too_slow']);
  });

  test('with DPO for many epochs is saturated', async () => {
    const { findings } = await diagnosed({ objective: 'dpo', beta: 0.5, learningRate: 2e-3, epochs: 25 });
    expect(findings.map(({ id }) => id)).toContain('saturation');
  });
});
