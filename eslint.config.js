import js from '@eslint/js';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

/** Exports of the library and the kernel that need a docstring: functions, classes, tables, and the types of each. */
const exportsWithDocstrings = [
  'FunctionDeclaration',
  'ClassDeclaration',
  'VariableDeclaration',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
].map((declaration) => `ExportNamedDeclaration[declaration.type="${declaration}"]`);

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
      // It is empty where it is declared; each file of src/objectives/compute/ adds its line.
      '@typescript-eslint/no-empty-object-type': ['error', { allowWithName: '^ObjectiveFunctions$' }],
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
        performance: 'readonly',
        structuredClone: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    files: ['kernel/kernelspec/labextension/**/*.js'],
    languageOptions: {
      globals: {
        document: 'readonly',
        getComputedStyle: 'readonly',
        requestAnimationFrame: 'readonly',
        structuredClone: 'readonly',
        MutationObserver: 'readonly',
      },
    },
  },
  {
    files: ['src/**/*.ts', 'kernel/**/*.ts'],
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        { contexts: exportsWithDocstrings, require: { FunctionDeclaration: false }, enableFixer: false },
      ],
      'jsdoc/require-description': ['error', { contexts: exportsWithDocstrings }],
      'max-lines': ['error', 250],
      'max-lines-per-function': ['error', 80],
    },
  },
);
