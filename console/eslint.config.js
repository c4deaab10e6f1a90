import pluginVue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'
import vueParser from 'vue-eslint-parser'

const onlyUi = { group: ['element-plus', 'element-plus/*'], message: 'Use the wrappers of src/ui.' }
const oneWrite = { name: '@tanstack/vue-query', importNames: ['useMutation'], message: 'Use useWrite of src/app.' }
const restricted = (rules) => ({ 'no-restricted-imports': ['error', rules] })

export default [
  { ignores: ['node_modules/', 'src/api/schema.d.ts'] },
  ...tseslint.configs.recommended,
  ...pluginVue.configs['flat/essential'],
  {
    files: ['**/*.vue'],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser, sourceType: 'module' } },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      'no-eval': 'error',
      'no-restricted-properties': ['error',
        { property: 'innerHTML', message: 'What scripts print is data, never markup.' },
        { property: 'outerHTML', message: 'What scripts print is data, never markup.' },
        { property: 'insertAdjacentHTML', message: 'What scripts print is data, never markup.' },
      ],
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/no-static-inline-styles': 'error',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/no-bare-strings-in-template': ['error', {
        // Signs, not words: they say the same in every language.
        allowlist: ['(', ')', ',', '.', '&', '+', '-', '–', '—', '=', '*', '/', '#', '%', '!', '?', ':', '[', ']', '{', '}', '<', '>',
          '·', '•', '…', '‹', '›', '×', '|', '→', '←', '↑', '↓', '▾', '▸', '▴', '⇄', '▤', '⏸', '✓', '✕', '◌', '▶', '⧉', '⇩', '⛶', '⤢', '★', '☆', '@',
          '⏎', '⌕', '$', '⋯', '☰', '☾', '✉', '~', '=>', '..', '...', '⬢'],
        attributes: { '/.+/': ['title', 'aria-label', 'aria-placeholder', 'aria-roledescription', 'aria-valuetext'],
          input: ['placeholder'], textarea: ['placeholder'], img: ['alt'] },
        directives: [],
      }],
    },
  },
  { files: ['src/**/*.{ts,vue}'], ignores: ['src/ui/**', 'src/app/useWrite.ts'], rules: restricted({ patterns: [onlyUi], paths: [oneWrite] }) },
]
