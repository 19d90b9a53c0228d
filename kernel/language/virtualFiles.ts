/** The files of cells: they exist only here. */

/** Files that exist only here, by path. Setting a text makes it a new version. */
export class VirtualFiles {
  readonly #texts = new Map<string, { readonly text: string; readonly version: number }>();
  #versions = 0;

  set(file: string, text: string): void {
    this.#versions += 1;
    this.#texts.set(file, { text, version: this.#versions });
  }

  delete(file: string): void {
    this.#texts.delete(file);
  }

  has(file: string): boolean {
    return this.#texts.has(file);
  }

  text(file: string): string | undefined {
    return this.#texts.get(file)?.text;
  }

  version(file: string): string | undefined {
    return this.#texts.get(file)?.version.toString();
  }

  /** The file that a path without an ending names. */
  find(base: string): string | undefined {
    return ['.ts', '.tsx', '.js'].map((ending) => base + ending).find((file) => this.#texts.has(file));
  }
}
