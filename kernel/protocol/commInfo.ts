import { read } from '../messages/content.js';
import type { Handler } from './context.js';

/** comm_info_request: the open comms; a reloaded page finds its controls again with it. */
export const commInfo: Handler = (content, { comms }) => ({
  status: 'ok',
  comms: comms.info(read.text(content, 'target_name')),
});
