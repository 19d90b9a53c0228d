import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// The rooms of the house and the doors between them: a room may import from itself and from the rooms named here.
const rooms = {
  tensor: [],
  objectives: ['tensor'],
  model: ['tensor'],
  preference: ['tensor', 'model', 'objectives', 'charts'],
  training: ['tensor', 'model', 'objectives', 'preference', 'charts'],
  world: ['tensor', 'model', 'objectives', 'preference', 'training'],
  charts: [],
  ablation: ['tensor', 'model', 'objectives', 'preference', 'training', 'world', 'charts'],
};

const tensorFlowOnlyInTensor = {
  group: ['@tensorflow/*'],
  message: 'Only src/tensor imports TensorFlow.js; import { tf } from its index.',
};

/** One lint rule a room: every sibling room that it does not name is closed to it, and so is the kernel. */
const doors = Object.entries(rooms).map(([room, open]) => ({
  files: [`src/${room}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: Object.keys(rooms)
              .filter((other) => other !== room && !open.includes(other))
              .flatMap((other) => [`**/${other}/*`, `**/${other}`])
              .concat('**/kernel/**', '../index.js', '../cli.js'),
            message: `src/${room} may import only from: ${['itself', ...open].join(', ')} (see ARCHITECTURE.md, Rooms).`,
          },
          ...(room === 'tensor' ? [] : [tensorFlowOnlyInTensor]),
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.venv/', '.golden-venv/', '.tensorflow/', 'results/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: ['tests/tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-empty': ['error', { allowEmptyCatch: false }],
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    files: ['kernel/**/*.ts'],
    ignores: ['kernel/prelude.ts', 'kernel/display/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['**/src/**'], message: 'Only kernel/prelude.ts and kernel/display/ open the door to src/.' },
          ],
        },
      ],
    },
  },
  ...doors,
);
