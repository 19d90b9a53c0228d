/**
 * The text of a response while its tokens arrive: pieces that never have to be taken back. What may still change is held
 * until it is certain: half a character, the beginning of a stop string, a space that tidying up may yet remove.
 */
export class ResponseText {
  private readonly tokens: number[] = [];
  private given = 0;
  private isStopped = false;

  /**
   * @param decode the text of all tokens so far
   * @param stop texts that end the response, which lacks them
   * @param changeable texts that decoding may shorten once they are whole
   */
  constructor(
    private readonly decode: (tokens: readonly number[]) => string,
    private readonly stop: readonly string[],
    private readonly changeable: readonly string[] = [],
  ) {}

  /** A stop string has come: nothing more will. */
  get stopped(): boolean {
    return this.isStopped;
  }

  /** The text that this token makes certain; often none. */
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

  /** What was held back, once no token follows. */
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

  /** Length of the longest ending that one of the awaited texts begins with. */
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
