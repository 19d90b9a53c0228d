/**
 * Trains cells in the caller's process: those of own objectives, whose functions cannot be sent to another process, because they
 * may use variables around them.
 */
import { ApolabError } from '../../core/errors.js';
import type { OwnObjective } from '../../objectives/ownObjective.js';
import type { OwnColumn } from '../run/columns.js';
import type { CellProgress, CellSettings, PolicyScore } from './cell.js';
import type { TrainedCell } from './cellStore.js';

/** Trains cells, here or in a process. */
export interface CellTrainer {
  /** Trains one cell. Throws an ApolabError that says why it cannot be trained. */
  run(settings: CellSettings, base: PolicyScore, onProgress: (progress: CellProgress) => void): Promise<TrainedCell>;
  /** Called when there are no more cells. */
  end(): void;
}

/** Trains cells of these own objectives in this process; `signal` stops it after the step that is being taken. */
export function cellsHere(own: readonly OwnColumn[], signal: AbortSignal): CellTrainer {
  return {
    run: async (settings, base, onProgress) => {
      const column = own.find(({ id }) => id === settings.objective);
      if (column?.compute === undefined) {
        throw new ApolabError(
          `The function of '${settings.objective}' is not known here: settings that are read from a file hold its text only. ` +
            'Give the function itself in `objectives`.',
        );
      }
      // Loaded here, because a run without own objectives needs no TensorFlow in this process.
      const [{ trainCell }, { useBackend }] = await Promise.all([
        import('./trainCell.js'),
        import('../../tensor/index.js'),
      ]);
      const backend = await useBackend();
      const objective: OwnObjective = { ...column, compute: column.compute };
      return { result: await trainCell(settings, base, onProgress, { objective, signal }), backend };
    },
    end: () => undefined,
  };
}
