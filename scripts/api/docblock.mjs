/**
 * What a docblock says.
 * @typedef {{ text: string, fallback?: string, example?: string }} Docblock
 */

/**
 * Reads the docblock that stands right before a node, in the few tags of the house: `@default` and `@example`.
 *
 * @param {import('typescript').Node} node
 * @returns {Docblock} empty where there is none
 */
export function readDocblock(node) {
  const comment = node.jsDoc?.at(-1)?.getText() ?? ''
  const lines = comment.replace(/^\/\*\*\s?|\s*\*\/$/g, '').split('\n').map(line => line.replace(/^\s*\* ?/, ''))
  const [text, ...tags] = lines.join('\n').split(/(?:^|\s)@(?=default\b|example\b)/)
  const tag = name => tags.find(part => part.startsWith(name))?.slice(name.length)
  return {
    text: unwrap(text),
    fallback: tag('default') && unwrap(tag('default')),
    example: tag('example')?.replace(/^\s*\n/, '').trimEnd(),
  }
}

/** One line per paragraph or list item: where a comment was broken says nothing on a page. */
function unwrap(text) {
  return text.trim().replace(/(\S)\n(?!\n|- )\s*/g, '$1 ')
}
