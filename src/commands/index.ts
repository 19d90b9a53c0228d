/**
 * The table of commands: a new command is one row, and its room's file says the rest (options, help, example, action).
 *
 * Rows load on demand, so `apolab lab` does not wait for the rooms behind `apolab reproduce`.
 */
import type { Command } from 'commander';

export const commands = {
  tune: async () => (await import('./tune.js')).tuneCommand(),
  pretrain: async () => (await import('./pretrain.js')).pretrainCommand(),
  train: async () => (await import('./train.js')).trainCommand(),
  sample: async () => (await import('./sample.js')).sampleCommand(),
  convert: async () => (await import('./convert.js')).convertCommand(),
  validate: async () => (await import('./validate.js')).validateCommand(),
  logps: async () => (await import('./logps.js')).logpsCommand(),
  clair: async () => (await import('./clair.js')).clairCommand(),
  judge: async () => (await import('./judge.js')).judgeCommand(),
  stronger: async () => (await import('./stronger.js')).strongerCommand(),
  contrast: async () => (await import('./contrast.js')).contrastCommand(),
  lab: async () => (await import('./lab.js')).labCommand(),
  reproduce: async () => (await import('./reproduce.js')).reproduceCommand(),
  test: async () => (await import('./test.js')).testCommand(),
  setup: async () => (await import('./setup.js')).setupCommand(),
  install: async () => (await import('./kernelspec.js')).installCommand(),
  uninstall: async () => (await import('./kernelspec.js')).uninstallCommand(),
  list: async () => (await import('./kernelspec.js')).listCommand(),
  backend: async () => (await import('./backend.js')).backendCommand(),
  doctor: async () => (await import('./doctor.js')).doctorCommand(),
} satisfies Record<string, () => Promise<Command>>;

export type CommandId = keyof typeof commands;
