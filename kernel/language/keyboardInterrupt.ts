/** Thrown into a cell that was interrupted; the name is the one that Jupyter's users know. */
export class KeyboardInterrupt extends Error {
  override name = 'KeyboardInterrupt';

  constructor() {
    super('the cell was interrupted; variables keep their values');
    // The stack of this error is inside the kernel; the cell's line is added by the cell.
    this.stack = `${this.name}: ${this.message}`;
  }
}
