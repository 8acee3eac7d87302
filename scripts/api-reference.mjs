import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { createReader } from './api/declarations.mjs'
import { readDocblock } from './api/docblock.mjs'
import { identifiersIn, writeDeclaration, writeFunctions } from './api/page.mjs'

/**
 * Writes docs/reference/api*.md from the docblocks of what each entry exports. `npm run docs:api`; a unit test fails while
 * the pages are not what this would write.
 */

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'docs/reference')

/** The pages. A name that several entries give has its section on the page of the folder that declares it. */
const PAGES = [
  {
    file: 'api-nuxt.md',
    names: {
      'src/options.ts': ['ModuleOptions'],
      'src/runtime/server/utils/define-llm-stream.ts': ['defineLlmStream', 'defineLlmStreamHandler', 'LlmStreamHandlerOptions'],
    },
    title: 'nuxt-llm-stream',
    about: 'The Nuxt module. `defineLlmStream` and `defineLlmStreamHandler` are auto-imported on the server.',
  },
  {
    file: 'api-vue.md',
    entry: 'src/runtime/app/index.ts',
    title: 'nuxt-llm-stream/vue',
    about: 'The composables. With Nuxt `useStream` and `useConversation` are auto-imported; types come from here.',
  },
  {
    file: 'api-relay.md',
    entry: 'src/runtime/server/relay/index.ts',
    title: 'nuxt-llm-stream/relay',
    about: 'The relay for any server. With Nuxt the module sets it up, and only the types are of use.',
  },
  {
    file: 'api-protocol.md',
    entry: 'src/runtime/shared/index.ts',
    title: 'nuxt-llm-stream/protocol',
    about: 'Reads answers of the three protocols, in a browser or on a server, without Vue and without the relay.',
  },
  {
    file: 'api-testing.md',
    entry: 'src/runtime/testing/index.ts',
    title: 'nuxt-llm-stream/testing',
    about: 'An upstream that says what a test wants it to say. How to use it: [Testing](../guide/testing.md).',
  },
]

/** Files whose functions share one section. */
const TABLES = new Map([[join(root, 'src/runtime/testing/faults.ts'), 'Faults']])

/**
 * Every page as it should be, by its name.
 *
 * @returns {Map<string, string>} Markdown
 */
export function apiPages() {
  const { find, readEntry } = createReader()
  /** Which page has the section about a declaration, by its id. */
  const homes = new Map()
  const pages = PAGES.map(({ entry, names = {}, ...page }) => ({
    ...page,
    folder: entry ? dirname(join(root, entry)) : root,
    exported: entry
      ? readEntry(join(root, entry))
      : Object.entries(names).flatMap(([file, names]) => names.map(name => find(join(root, file), name))),
  }))
  for (const { file, folder, exported } of pages) {
    for (const declaration of exported) if (declaration.file.startsWith(folder)) homes.set(idOf(declaration), file)
  }
  const grouped = pages.map(page => ({ ...page, groups: group(page) }))
  return new Map([['api.md', writeIndex(pages, homes)], ...grouped.map(page => [page.file, writePage(page)])])

  /** A function or class heads a group, and the types that it leads to follow it: private ones where their docblock has something to say. */
  function group({ file, exported }) {
    const mine = exported.filter(declaration => homes.get(idOf(declaration)) === file)
    const heads = mine.filter(isValue)
    const placed = new Set(heads.map(idOf))
    return [...heads, ...mine.filter(declaration => !isValue(declaration))].flatMap((head) => {
      if (!isValue(head) && placed.has(idOf(head))) return []
      placed.add(idOf(head))
      const members = [head]
      // The list grows while it is walked: types lead to types.
      for (const member of members) {
        for (const next of typesIn(member)) {
          const home = homes.get(idOf(next)) ?? (readDocblock(next.nodes[0]).text && file)
          if (home !== file || placed.has(idOf(next))) continue
          placed.add(idOf(next))
          homes.set(idOf(next), file)
          members.push(next)
        }
      }
      return [members]
    })
  }

  function typesIn({ file, nodes }) {
    return nodes.flatMap(partsOf).flatMap(identifiersIn).map(({ text }) => find(file, text)).filter(Boolean)
  }

  function writePage({ file, title, about, exported, groups }) {
    const names = new Set(exported.map(idOf))
    const link = (from, name) => {
      const declaration = find(from, name)
      const home = declaration && homes.get(idOf(declaration))
      return home && `${home === file ? '' : home}#${name.toLowerCase()}`
    }
    const single = groups.filter(([head]) => !isRow(head))
    const sections = single.flatMap(members => members.map((member, index) => writeDeclaration(member, {
      level: index === 0 ? 2 : 3, exported: names.has(idOf(member)), link, find,
    })))
    const tables = [...TABLES].map(([path, title]) => [title, groups.map(([head]) => head).filter(head => head.file === path && isRow(head))])
      .filter(([, heads]) => heads.length > 0).map(([title, heads]) => writeFunctions(title, heads))
    const elsewhere = exported.filter(declaration => homes.get(idOf(declaration)) !== file).map(({ file, name }) => `[\`${name}\`](${link(file, name)})`)
    return joinBlocks([
      `# \`${title}\``, MADE_BY, about, writeContents(single, names), ...sections, ...tables,
      elsewhere.length > 0 && `## Also from here\n\n${elsewhere.join(', ')}`,
    ])
  }
}

const MADE_BY = '<!-- Written by `npm run docs:api` from the docblocks of the source: change those. -->'

/** Every name that can be imported, by its entry. */
function writeIndex(pages, homes) {
  const rows = pages.map(({ file, title, about, exported }) => [
    `## [\`${title}\`](${file})`, about,
    exported.map(declaration => `[\`${declaration.name}\`](${homes.get(idOf(declaration))}#${isRow(declaration) ? 'faults' : declaration.name.toLowerCase()})`).join(' · '),
  ])
  return joinBlocks(['# API', MADE_BY, 'Every name that can be imported, with what its docblock says. Options with their defaults on one page: [Options](options.md).', ...rows.flat()])
}

/** What has a section, the functions first; private types are found from where they are used. */
function writeContents(groups, names) {
  const link = ({ name }) => `[${name}](#${name.toLowerCase()})`
  return groups.map(([head, ...types]) => {
    const exported = types.filter(type => names.has(idOf(type)))
    return `- [\`${head.name}\`](#${head.name.toLowerCase()})${exported.length ? `: ${exported.map(link).join(', ')}` : ''}`
  }).join('\n')
}

function joinBlocks(blocks) {
  return `${blocks.filter(Boolean).join('\n\n')}\n`
}

function idOf({ file, name }) {
  return `${file}:${name}`
}

function isRow({ file, nodes: [node] }) {
  return TABLES.has(file) && ts.isFunctionDeclaration(node)
}

function isValue({ nodes: [node] }) {
  return ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)
}

/** Of a function or a class only what its user sees. */
function partsOf(node) {
  if (ts.isFunctionDeclaration(node)) return [...node.parameters.map(({ type }) => type), node.type].filter(Boolean)
  if (ts.isClassDeclaration(node)) return node.members.flatMap(member => [...(member.parameters ?? []).map(({ type }) => type), member.type]).filter(Boolean)
  return [node]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of readdirSync(folder)) if (/^api(?:-\w+)?\.md$/.test(file)) rmSync(join(folder, file))
  for (const [file, text] of apiPages()) writeFileSync(join(folder, file), text)
}
