/** A part of a text, as offsets in UTF-16 code units: from `start` up to but without `end`. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}
