/**
 * Which folder may import what, as ESLint rules. One row per layer; `test/unit/layers.test.ts` plants a violation of each.
 * Patterns see the specifier as written, so a relative import is judged by its path.
 */

const framework = { regex: '^(vue|nuxt|h3|nitropack|@nuxt/|nuxt/|#)', message: 'This layer knows no framework.' }
const node = { regex: '^(node:|fs|path|http|https|net|tls|dns|stream|crypto)(/|$)|^node:', message: 'This layer runs on every runtime.' }
const server = { regex: '(^|/)server/', message: 'The app wing never imports the relay.' }
const app = { regex: '(^|/)app/', message: 'This layer never imports the app wing.' }
const testing = { regex: '(^|/)testing(/|$)', message: 'Testing helpers are no part of the product.' }
const vue = { regex: '^vue$|^@vue/', message: 'No Vue here.' }
const nuxt = { regex: '^(nuxt|@nuxt|#|h3|nitropack)(/|$|:)|^#', message: 'Nuxt is named in the adapters only.' }

/** Packages that a layer may name; everything else that is not relative is refused. */
const packagesExcept = (...names) => ({
  regex: `^(?![./#]|node:|vue$|nuxt|@nuxt|h3$|nitropack|(?:${names.map(name => name.replaceAll('/', '\\/')).join('|')})(?:/|$))`,
  message: `Not among this layer's packages: ${names.join(', ') || 'none'}.`,
})

const noInstanceof = {
  selector: 'BinaryExpression[operator="instanceof"][right.name="StreamError"]',
  message: 'Two copies of this package can meet: use isStreamError.',
}
const noDeepRefs = {
  selector: 'CallExpression[callee.name=/^(ref|reactive)$/]',
  message: 'State is replaced, never mutated: shallowRef, computed or shallowReactive.',
}
const noTimers = {
  selector: 'CallExpression[callee.name=/^(setTimeout|setInterval|requestAnimationFrame)$/]',
  message: 'The reading loop never waits on a timer: publisher.ts and deadlines.ts own them.',
}
/** `import()` escapes no-restricted-imports, so it is judged by its own selector. */
const noImport = (regex, message) => ({ selector: `ImportExpression[source.value=/${regex}/]`, message })

function layer(files, patterns, syntax = [], ignores = []) {
  return {
    files,
    ...(ignores.length && { ignores }),
    rules: {
      'no-restricted-imports': ['error', { patterns }],
      'no-restricted-syntax': ['error', noInstanceof, ...syntax],
    },
  }
}

const runtime = 'src/runtime'
const core = [framework, node, { regex: '(server|app|testing)/', message: 'The core imports no wing.' },
  { regex: '/partial-json$', message: 'Most apps never need it: load it with import().' }]
const noFrameworkImport = noImport('^(vue|nuxt|h3|nitropack|node:|#)', 'The core knows no framework and no runtime.')

export const layers = [
  layer([`${runtime}/shared/**`],
    [...core, packagesExcept('eventsource-parser', '@standard-schema/spec')], [noFrameworkImport],
    [`${runtime}/shared/partial-json.ts`]),
  layer([`${runtime}/shared/partial-json.ts`], [...core, packagesExcept('@streamparser/json')], [noFrameworkImport]),

  layer([`${runtime}/server/relay/**`],
    [framework, node, app, testing,
      { regex: '/node/(?!listener)', message: 'Only listener.ts of node/, and only from index.ts.' },
      packagesExcept('rate-limiter-flexible/lib')],
    [noImport('^(vue|nuxt|h3|nitropack|node:|#|undici)', 'The relay names no runtime.')],
    [`${runtime}/server/relay/node/**`]),
  layer([`${runtime}/server/relay/node/**`],
    [framework, app, testing, packagesExcept()]),
  layer([`${runtime}/server/{api,plugins,utils,dev}/**`],
    [vue, app, testing, packagesExcept('h3', 'nitropack', 'nitropack/runtime')]),

  layer([`${runtime}/app/{run,conversation}/**`],
    [framework, node, server, testing, packagesExcept()], [noDeepRefs]),
  layer([`${runtime}/app/run/{run,slice}.ts`],
    [framework, node, server, testing, packagesExcept()], [noDeepRefs, noTimers]),
  layer([`${runtime}/app/composables/**`, `${runtime}/app/*.ts`],
    [nuxt, node, server, testing, packagesExcept('vue', '@standard-schema/spec')], [noDeepRefs]),
  layer([`${runtime}/app/plugins/**`],
    [node, server, testing, { regex: '/run/', message: 'The plugin wires the endpoint and the payload only.' }], [noDeepRefs]),

  layer([`${runtime}/testing/**`],
    [framework, node, app, { regex: 'server/(?!relay/logs/log$)', message: 'Of the relay, only the log\'s types.' }, packagesExcept()],
    [], [`${runtime}/testing/{listen,replay}.ts`]),
  layer([`${runtime}/testing/{listen,replay}.ts`],
    [framework, app, { regex: 'server/', message: 'Testing knows the core only.' }, packagesExcept()]),

  layer(['src/*.ts'],
    [{ regex: '^(vue|h3|nitropack)$', message: 'The module works at build time.' },
      { regex: '^\\./runtime/(?!server/relay/(options|providers|defaults)$)', allowTypeImports: true, message: 'Of the runtime, only types, and values of relay/{options,providers,defaults}.' },
      packagesExcept('@nuxt/kit', '@nuxt/schema', 'defu')]),
]
