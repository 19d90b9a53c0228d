/**
 * The text of a response while its tokens arrive, as pieces that never change later. Text that a later token can change is
 * held back: an incomplete character, the beginning of a stop string, a space that the tokenizer's cleanup may remove.
 */
export class ResponseText {
  private readonly tokens: number[] = [];
  private given = 0;
  private isStopped = false;

  /**
   * @param decode gives the text of a list of token ids
   * @param stop texts that end the response and are not part of it
   * @param changeable texts that `decode` shortens as soon as they are complete
   */
  constructor(
    private readonly decode: (tokens: readonly number[]) => string,
    private readonly stop: readonly string[],
    private readonly changeable: readonly string[] = [],
  ) {}

  /** True after a stop string: no more text follows. */
  get stopped(): boolean {
    return this.isStopped;
  }

  /** Adds a token; returns the text that is certain now, which may be empty. */
  add(token: number): string {
    if (this.isStopped) return '';
    this.tokens.push(token);
    const text = this.decode(this.tokens);
    const cut = this.firstStop(text);
    if (cut !== undefined) {
      this.isStopped = true;
      return this.give(text, cut);
    }
    const whole = text.replace(/\uFFFD+$/, '');
    return this.give(text, whole.length - this.heldBack(whole));
  }

  /** The text that was held back, to be called after the last token. */
  finish(): string {
    if (this.isStopped || this.tokens.length === 0) return '';
    const text = this.decode(this.tokens);
    return this.give(text, text.length);
  }

  private give(text: string, end: number): string {
    if (end <= this.given) return '';
    const piece = text.slice(this.given, end);
    this.given = end;
    return piece;
  }

  private firstStop(text: string): number | undefined {
    const places = this.stop.map((stop) => text.indexOf(stop, this.given)).filter((place) => place >= 0);
    return places.length === 0 ? undefined : Math.min(...places);
  }

  /** Length of the longest end of the text that is the beginning of a stop string or of a changeable text. */
  private heldBack(text: string): number {
    const awaited = [...this.stop, ...this.changeable];
    for (let length = Math.max(0, ...awaited.map((one) => one.length - 1)); length > 0; length--) {
      if (length <= text.length && awaited.some((one) => one.length > length && one.startsWith(text.slice(-length)))) {
        return length;
      }
    }
    return 0;
  }
}
