/** The preference sets that the paper's authors published on the Hugging Face Hub. */
import type { DatasetId } from './paper.js';

/** A preference set on the Hugging Face Hub. */
export interface HubDataset {
  readonly repository: string;
  /** Pairs in its `train` split, as its page states them. */
  readonly rows: string | null;
  /** Column that holds the reviser's reasoning, if there is one; read as `rationale`. */
  readonly rationaleColumn: string | null;
}

/** The authors' own sets: `prompt` is text, `chosen` and `rejected` are lists of messages with the answer last. */
export const hub = {
  clair: { repository: 'ContextualAI/ultrafeedback_clair_32k', rows: '29.1K', rationaleColumn: 'rational' },
  judge_on_policy: { repository: 'ContextualAI/ultrafeedback_rlaif_32k', rows: '31.8K', rationaleColumn: null },
  judge_off_policy: {
    repository: 'ContextualAI/ultrafeedback_rlaif-offpolicy_32k',
    rows: null,
    rationaleColumn: null,
  },
  stronger_preferred: {
    repository: 'ContextualAI/ultrafeedback_stronger-preferred_32k',
    rows: '29.1K',
    rationaleColumn: null,
  },
} as const satisfies Record<DatasetId, HubDataset>;
