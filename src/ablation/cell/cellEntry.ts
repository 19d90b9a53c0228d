/** Entry of a cell's process: the real trainer on the real backend. */
import { useBackend } from '../../tensor/index.js';
import { serveCells } from './cellServer.js';
import { trainCell } from './trainCell.js';

serveCells(trainCell, () => useBackend());
