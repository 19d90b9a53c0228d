/** Rows and prompts that cannot be used, each with its reason: nothing is dropped without being counted and shown. */
import type { Message } from '../pair.js';

/** A row of a file that cannot be used. */
export interface SkippedRow {
  /** The row's number; in JSONL the line, from 1. */
  readonly line: number;
  /** The file that holds the row, if a dataset has several. */
  readonly file?: string;
  /** What is wrong, and what would be right. */
  readonly reason: string;
  /** The text of the row; only its beginning if it is too long. */
  readonly text: string;
}

/** A prompt that gave no pair. */
export interface SkippedPrompt {
  /** The number of its row, if the prompts come from a file. */
  readonly row?: number;
  /** Empty if the row holds no readable prompt. */
  readonly prompt: string;
  /** The messages, if the prompt is a conversation. */
  readonly conversation?: readonly Message[];
  /** The response that was to be revised or judged. */
  readonly response?: string;
  /** Why there is no pair. */
  readonly reason: string;
  /** What the reviser or judge wrote instead of the requested format; for an unreadable row, its text. */
  readonly text?: string;
}
