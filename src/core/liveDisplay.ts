/** An output that long work redraws in place: in a notebook, if the kernel offers one. */
import type { MimeBundle } from './display.js';

/** Shows a value in place of the one before. */
export type ShowLive = (bundle: MimeBundle) => void;

let open: (() => ShowLive) | undefined;

/** The kernel's offer: `create` opens a new output, which is shown with its first value. */
export function offerLiveDisplay(create: () => ShowLive): void {
  open = create;
}

/**
 * A new output; undefined outside of a notebook, where text has to do.
 *
 * @example
 * const show = openLiveDisplay();
 * show?.({ 'text/plain': '3 of 20', 'text/html': '<b>3</b> of 20' });
 */
export const openLiveDisplay = (): ShowLive | undefined => open?.();

/**
 * The media type of a status: text that `npm run reproduce` redraws on its terminal. Front ends do not know it and show the HTML
 * beside it.
 */
export const statusType = 'application/vnd.apolab.status';
