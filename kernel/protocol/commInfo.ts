import { read } from '../messages/content.js';
import type { Handler } from './context.js';

/** The open comms: how a page that was reloaded finds its controls again. */
export const commInfo: Handler = (content, { comms }) => ({
  status: 'ok',
  comms: comms.info(read.text(content, 'target_name')),
});
