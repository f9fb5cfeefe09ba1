import tseslint from 'typescript-eslint';

/** Which folder may import which is held by tests/architecture. */
export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.murmur/**',
      'packages/core/kernels/**',
      '**/*.generated.ts',
    ],
  },
  ...tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='only']",
          message: 'A focused test hides the others.',
        },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      'max-params': ['error', 5],
      'max-lines': ['error', { max: 450, skipBlankLines: true, skipComments: true }],
    },
  },
  // Innermost loops take plain numbers: an options object there costs more than the arithmetic.
  { files: ['packages/core/src/tensor/loops/**'], rules: { 'max-params': 'off' } },
  {
    files: ['packages/core/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.fixture.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Pass a key (random/key.ts).' },
        { object: 'Date', property: 'now', message: 'Pass a clock.' },
        { object: 'performance', property: 'now', message: 'Pass a clock.' },
      ],
    },
  },
);
