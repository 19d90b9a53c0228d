/**
 * The rooms of the house and the doors between them: a room may import from itself and from the rooms named here, a file in
 * their place opens that file only. `npm run lint` closes every other door (.dependency-cruiser.js), and a test holds
 * ARCHITECTURE.md's table to this one.
 *
 * A catalog is pure data that imports nothing, so any room above core may read it.
 */
const catalogs = ['src/objectives/catalog.ts', 'src/builders/catalog.ts'];
const data = ['src/core', 'src/pairs', 'src/responders', 'src/builders', 'src/model', 'src/charts', ...catalogs];
const numbers = ['src/core', 'src/tensor', 'src/objectives', 'src/model'];

export const rooms = {
  'src/core': [],
  'src/tensor': ['src/core'],
  'src/objectives': ['src/core', 'src/tensor'],
  'src/charts': ['src/core', ...catalogs, 'src/objectives/lossField.ts'],
  'src/model': ['src/core', 'src/tensor'],
  'src/pairs': ['src/core', 'src/model', 'src/charts', ...catalogs],
  'src/pairs/formats': ['src/core'],
  'src/pairs/sources': ['src/core', 'src/pairs/formats'],
  'src/pairs/rows': ['src/core', 'src/pairs/pair.ts', 'src/pairs/formats', 'src/pairs/sources', ...catalogs],
  'src/pairs/checks': ['src/core', 'src/pairs/pair.ts', 'src/pairs/rows'],
  'src/pairs/contrast': ['src/core', 'src/pairs/pair.ts', 'src/model', 'src/charts', ...catalogs],
  'src/responders': ['src/core', 'src/model', 'src/pairs'],
  'src/builders': ['src/core', 'src/pairs', 'src/responders'],
  'src/training': [...numbers, 'src/pairs', 'src/charts', ...catalogs],
  'src/datasets': ['src/core', 'src/pairs', 'src/responders', ...catalogs],
  'src/worlds': [...numbers, ...data, 'src/training', 'src/datasets'],
  'src/evaluation': [...numbers, 'src/pairs', 'src/responders', 'src/worlds', 'src/training', ...catalogs],
  'src/ablation': [...numbers, ...data, 'src/training', 'src/datasets', 'src/worlds', 'src/evaluation'],
  'src/commands': ['src', 'kernel/kernelspec'],
  'src/setup': [],
  'kernel/declarations': ['src/core'],
  'kernel/kernelspec': ['src/core'],
  'kernel/messages': [],
  'kernel/control': ['kernel/messages'],
  'kernel/wire': ['kernel/messages', 'kernel/control'],
  'kernel/display': ['src/core', 'src/pairs', 'src/charts/pageColors.ts', 'src/training/showHistory.ts'],
  'kernel/watch': ['kernel/display', 'src/core', 'src/pairs', 'src/charts'],
  'kernel/language': ['kernel/messages'],
  'kernel/magics': ['kernel/language', 'kernel/display', 'src/core', 'src/setup'],
  'kernel/comms': ['kernel/messages', 'src/core'],
  'kernel/widgets': ['kernel/messages', 'kernel/comms', 'src/core'],
  'kernel/protocol': [
    'kernel/messages',
    'kernel/control',
    'kernel/display',
    'kernel/language',
    'kernel/magics',
    'kernel/comms',
    'kernel/kernelspec/environment.ts',
  ],
};
