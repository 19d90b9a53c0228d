/**
 * The table of commands. A new command is a file, an id in commandId.ts and a row here; leaving out the row does not compile.
 *
 * Each row loads its file on demand, so that `apolab lab` does not wait for what `apolab reproduce` imports.
 */
import type { Command } from 'commander';
import type { CommandId } from './commandId.js';

export type { CommandId } from './commandId.js';

/** Loads each command, in the order in which `apolab --help` lists them. */
export const commands = {
  lab: async () => (await import('./lab.js')).labCommand(),
  reproduce: async () => (await import('./reproduce.js')).reproduceCommand(),
  train: async () => (await import('./train.js')).trainCommand(),
  sample: async () => (await import('./sample.js')).sampleCommand(),
  logps: async () => (await import('./logps.js')).logpsCommand(),
  clair: async () => (await import('./clair.js')).clairCommand(),
  judge: async () => (await import('./judge.js')).judgeCommand(),
  stronger: async () => (await import('./stronger.js')).strongerCommand(),
  evaluate: async () => (await import('./evaluate.js')).evaluateCommand(),
  contrast: async () => (await import('./contrast.js')).contrastCommand(),
  convert: async () => (await import('./convert.js')).convertCommand(),
  'convert-model': async () => (await import('./convertModel.js')).convertModelCommand(),
  model: async () => (await import('./model.js')).modelCommand(),
  validate: async () => (await import('./validate.js')).validateCommand(),
  tune: async () => (await import('./tune.js')).tuneCommand(),
  pretrain: async () => (await import('./pretrain.js')).pretrainCommand(),
  setup: async () => (await import('./setup.js')).setupCommand(),
  test: async () => (await import('./test.js')).testCommand(),
  install: async () => (await import('./kernelspec.js')).installCommand(),
  uninstall: async () => (await import('./kernelspec.js')).uninstallCommand(),
  list: async () => (await import('./kernelspec.js')).listCommand(),
  backend: async () => (await import('./backend.js')).backendCommand(),
  doctor: async () => (await import('./doctor.js')).doctorCommand(),
} as const satisfies Readonly<Record<CommandId, () => Promise<Command>>>;
