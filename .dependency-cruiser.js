/** Lint of imports: the doors of rooms.js, no import circles (types count too), TensorFlow.js in one room. */
import { rooms } from './rooms.js';

const escaped = (path) => path.replaceAll('.', '\\.');
/** Matches a file, or everything in a folder. */
const within = (place) => `^${escaped(place)}${place.endsWith('.ts') ? '$' : '/'}`;

const doors = Object.entries(rooms).map(([room, open]) => ({
  name: `closed door of ${room}`,
  comment: `${room} may import only from: ${['itself', ...open].join(', ')}.`,
  severity: 'error',
  from: { path: within(room) },
  to: { path: '^(src|kernel)/', pathNot: [room, ...open].map(within) },
}));

export default {
  forbidden: [
    { name: 'import circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'TensorFlow.js outside of src/tensor',
      severity: 'error',
      from: { path: '^(src|kernel)/', pathNot: '^src/tensor/' },
      to: { path: 'node_modules/@tensorflow/' },
    },
    {
      name: 'src imports the kernel',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/commands/' },
      to: { path: '^kernel/' },
    },
    { name: 'import that does not resolve', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...doors,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
