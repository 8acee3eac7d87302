import ts from 'typescript'
import { readDocblock } from './docblock.mjs'
import { formatSignature, formatTypeParameters, oneLine } from './signature.mjs'

/**
 * Writes the section about one declaration.
 *
 * @param {import('./declarations.mjs').Declaration} declaration
 * @param {{
 *   level: number,
 *   exported: boolean,
 *   link: (file: string, name: string) => string | undefined,
 *   find: (file: string, name: string) => import('./declarations.mjs').Declaration | undefined,
 * }} context `link` gives the address of the section about a name, as a file knows that name
 */
export function writeDeclaration({ name, file, nodes }, { level, exported, link, find }) {
  const node = nodes[0]
  const { text, example } = readDocblock(node)
  return [
    `${'#'.repeat(level)} \`${name}\``,
    exported ? '' : '*Not exported by name.*',
    writeCode(),
    withLinks(text),
    example ? `\`\`\`ts\n${example}\n\`\`\`` : '',
    writeHeritage(),
    writeMembers(),
  ].filter(Boolean).join('\n\n')

  /** How it is called, or what it stands for. Plain interfaces are told by their members. */
  function writeCode() {
    if (ts.isFunctionDeclaration(node)) return code(nodes.map(formatSignature).join('\n')) + seeAlso(...node.parameters, node.type)
    if (ts.isTypeAliasDeclaration(node)) return code(formatAlias(node)) + seeAlso(node.type)
    const constructor = node.members.find(ts.isConstructorDeclaration)
    if (constructor) return code(formatSignature(constructor)) + seeAlso(...constructor.parameters)
    if (node.members.some(isNameless)) return code(withoutExport(node)) + seeAlso(...node.members)
    return node.typeParameters ? code(`interface ${name}${formatTypeParameters(node)}`) : ''
  }

  /** What it has from others that have a section of their own. */
  function writeHeritage() {
    const bases = heritage(node).filter(base => link(file, named(base)))
    return bases.length ? `Extends ${bases.map(base => linked(base)).join(' and ')}.` : ''
  }

  function writeMembers() {
    const rows = node.members ? membersOf(node, file).map(writeRow) : []
    return rows.length ? ['| name | type | meaning |', '|---|---|---|', ...rows].join('\n') : ''
  }

  /** Its own members, and before them those of bases that have no section. */
  function membersOf(owner, from) {
    const own = owner.members.filter(member => member.name && ts.isIdentifier(member.name) && !isHidden(member))
    const names = new Set(own.map(member => member.name.text))
    const inherited = heritage(owner).flatMap((base) => {
      const declared = link(from, named(base)) ? undefined : find(from, named(base))
      return declared?.nodes[0].members ? membersOf(declared.nodes[0], declared.file) : []
    })
    return [...inherited.filter(member => !names.has(member.name.text)), ...own]
  }

  function writeRow(member) {
    const { text, fallback } = readDocblock(member)
    const meaning = [withLinks(text), fallback && `Default: ${markValue(fallback)}.`].filter(Boolean).join(' ')
    return `| \`${member.name.text}${member.questionToken ? '?' : ''}\` | ${writeType(member)} | ${inCell(meaning)} |`
  }

  function writeType(member) {
    if (!ts.isMethodSignature(member) && !ts.isMethodDeclaration(member)) return member.type ? linked(member.type) : ''
    const from = member.typeParameters?.pos ?? member.parameters.pos
    return linked(member, from - 1, member.type.end)
  }

  /** A type on one line, with every name in it that has a section as a link. */
  function linked(node, start = node.getStart(), end = node.end) {
    const { fileName, text } = node.getSourceFile()
    const names = identifiersIn(node).map(id => ({ id, target: link(fileName, id.text) })).filter(({ target }) => target)
    if (names.length === 0) return `\`${inCell(oneLine(text.slice(start, end)))}\``
    let at = start
    const pieces = names.map(({ id, target }) => {
      const before = text.slice(at, id.getStart())
      at = id.end
      return `${escape(before)}[${id.text}](${target})`
    })
    return `<code>${oneLine(pieces.join('') + escape(text.slice(at, end)))}</code>`
  }

  /** Links to what a block of code names, since there are none inside it. */
  function seeAlso(...types) {
    const names = new Set(types.filter(Boolean).flatMap(identifiersIn).map(({ text }) => text))
    const links = [...names].filter(text => text !== name && link(file, text)).map(text => `[${text}](${link(file, text)})`)
    return links.length ? `\n\nSee ${links.join(', ')}.` : ''
  }

  /** `{@link Name}` and `{@link Name.member}` as links, or as code. */
  function withLinks(prose) {
    return prose.replace(/\{@link ([\w.]+)\}/g, (_, target) => {
      const address = link(file, target.split('.')[0])
      return address ? `[\`${target}\`](${address})` : `\`${target}\``
    })
  }
}

/** Functions that need no section each: one row per function. */
export function writeFunctions(title, declarations) {
  const rows = declarations.map(({ nodes: [node] }) => `| \`${inCell(formatSignature(node).replace('function ', ''))}\` | ${inCell(readDocblock(node).text)} |`)
  return [`## ${title}`, '', '| function | what it is for |', '|---|---|', ...rows].join('\n')
}

/** The names of types that a node mentions. */
export function identifiersIn(node) {
  const found = []
  const visit = (child) => {
    if (ts.isTypeReferenceNode(child) && ts.isIdentifier(child.typeName)) found.push(child.typeName)
    if (ts.isExpressionWithTypeArguments(child) && ts.isIdentifier(child.expression)) found.push(child.expression)
    ts.forEachChild(child, visit)
  }
  visit(node)
  return found
}

/** What a declaration says that it extends. */
function heritage(node) {
  return (node.heritageClauses ?? []).flatMap(clause => clause.types)
}

/** The type that is extended, also where only a part of it is: `Omit<Base, 'a'>`. */
function named(base) {
  const inner = base.typeArguments?.[0]
  return /^(?:Omit|Partial|Pick|Required)$/.test(base.expression.text) && inner?.typeName ? inner.typeName.text : base.expression.text
}

function isHidden(member) {
  return ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Static | ts.ModifierFlags.Override)
}

function isNameless(member) {
  return ts.isCallSignatureDeclaration(member) || ts.isIndexSignatureDeclaration(member)
}

function withoutExport(node) {
  return node.getText().replace(/^export /, '')
}

/** As it is written; only a list of alternatives moves, from the house's place below the name to the left. */
function formatAlias(node) {
  const text = withoutExport(node)
  return /\n {2}= \| /.test(text) ? text.replaceAll('\n  ', '\n').replace('\n= | ', ' =\n  | ') : text
}

/** The values in a default as code; a sentence stays as it is. */
function markValue(text) {
  if (/^\w+$/.test(text)) return `\`${text}\``
  return text.replace(/^(?:true|false|null|[\d_]+|Infinity|\[\]|\{.*\})(?=$|[\s:;,])|(?<=^|\s)'[^'\s]*'(?=$|[\s:;,])/g, value => `\`${value}\``)
}

function code(text) {
  return `\`\`\`typescript\n${text}\n\`\`\``
}

function inCell(text) {
  return text.replaceAll('|', '\\|').replace(/\n+/g, '<br>')
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replace(/[|*_[`]/g, '\\$&')
}
