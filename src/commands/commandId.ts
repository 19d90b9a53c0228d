/** The ids of the commands, apart from their table, so that each command's own file can name its id. */

/** The word after `apolab`. */
export type CommandId =
  | 'lab'
  | 'reproduce'
  | 'train'
  | 'sample'
  | 'logps'
  | 'clair'
  | 'judge'
  | 'stronger'
  | 'evaluate'
  | 'contrast'
  | 'convert'
  | 'convert-model'
  | 'model'
  | 'validate'
  | 'tune'
  | 'pretrain'
  | 'setup'
  | 'test'
  | 'install'
  | 'uninstall'
  | 'list'
  | 'backend'
  | 'doctor';
