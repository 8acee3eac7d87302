import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

/**
 * One name that a file declares; several nodes where a function has overloads.
 * @typedef {{ name: string, file: string, nodes: ts.Declaration[] }} Declaration
 */

/**
 * Reads source files as they are written, without types and without a program: what a page shows is what the author wrote.
 * Only relative imports are followed.
 */
export function createReader() {
  /** @type {Map<string, ts.SourceFile>} */
  const files = new Map()

  /** @param {string} file */
  function parse(file) {
    if (!files.has(file)) files.set(file, ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true))
    return files.get(file)
  }

  /**
   * Finds what a name means in a file: declared there, or imported into it. `undefined` for what packages and the language bring.
   *
   * @param {string} file
   * @param {string} name
   * @returns {Declaration | undefined} the declaration, wherever it is
   */
  function find(file, name) {
    const nodes = parse(file).statements.filter(node => isDeclaration(node) && node.name?.text === name)
    if (nodes.length > 0) return { name, file, nodes: withoutImplementation(nodes) }
    const link = links(parse(file)).find(link => link.name === name)
    return link && find(link.from, link.original)
  }

  /**
   * What an entry gives, in the order in which it says so.
   *
   * @param {string} entry
   * @returns {Declaration[]} functions, classes, interfaces and type aliases
   */
  function readEntry(entry) {
    return links(parse(entry)).filter(({ exported }) => exported).map(({ from, original }) => find(from, original))
  }

  return { find, readEntry }
}

/** Names that a file takes from, or passes on from, its neighbours. */
function links(source) {
  return source.statements.flatMap((node) => {
    const clause = ts.isExportDeclaration(node) ? node.exportClause : ts.isImportDeclaration(node) ? node.importClause?.namedBindings : undefined
    if (!clause?.elements || !node.moduleSpecifier?.text.startsWith('.')) return []
    const from = resolve(source.fileName, node.moduleSpecifier.text)
    return clause.elements.map(({ name, propertyName }) => ({
      name: name.text, original: (propertyName ?? name).text, from, exported: ts.isExportDeclaration(node),
    }))
  })
}

function resolve(from, specifier) {
  const path = join(dirname(from), specifier)
  return [`${path}.ts`, join(path, 'index.ts')].find(existsSync)
}

function isDeclaration(node) {
  return ts.isFunctionDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node)
}

/** Callers see the overloads of a function, and its implementation only where there are none. */
function withoutImplementation(nodes) {
  const overloads = nodes.filter(node => ts.isFunctionDeclaration(node) && !node.body)
  return overloads.length > 0 ? overloads : nodes
}
