import type { ComarkElement, ComarkNode, ComarkTree } from 'comark'
import { createSerializedParse, defineComarkPlugin } from 'comark'
import syntax from 'comark/plugins/syntax'

/** What a model may draw, and with which attributes. Everything else of it is text. */
const TAGS: Record<string, readonly string[]> = {
  p: [], h1: [], h2: [], h3: [], h4: [], h5: [], h6: [], hr: [], br: [], blockquote: [],
  ul: [], ol: ['start'], li: [], strong: [], em: [], del: [], code: [], pre: ['language'],
  table: [], thead: [], tbody: [], tr: [], th: ['align'], td: ['align'], a: ['href', 'title'],
}

/**
 * Makes a parser for one message, which looks only at what is new while the message grows. No HTML, no components, no
 * attributes of the model's choice: plain Markdown.
 */
export function createMarkdownParser(): (text: string, options: { streaming: boolean }) => Promise<ComarkTree> {
  return createSerializedParse({
    html: false,
    plugins: [
      syntax({ blockComponent: false, inlineComponent: false, inlineProps: false, inlineSpan: false }),
      onlyKnownTags(),
    ],
  })
}

const onlyKnownTags = defineComarkPlugin(() => ({
  name: 'only-known-tags',
  post: ({ tree }: { tree: ComarkTree }) => tree.nodes.forEach(clean),
}))

/** In place, since the parser finds what it has parsed already by the objects. */
function clean(node: ComarkNode): void {
  if (!isElement(node)) return
  // An image would be fetched from wherever the model says, with whatever it puts into the address.
  if (node[0] === 'img') node.splice(0, Infinity, 'a', { href: node[1].src, $: node[1].$ }, String(node[1].alt ?? node[1].src ?? ''))
  const [tag, attributes, ...children] = node
  const allowed = TAGS[tag]
  if (!allowed) node[0] = 'span'
  for (const name of Object.keys(attributes)) {
    if (name !== '$' && !allowed?.includes(name)) attributes[name] = undefined
  }
  if (tag === 'a') Object.assign(attributes, isWebAddress(attributes.href) ? { target: '_blank', rel: 'noopener noreferrer' } : { href: undefined })
  children.forEach(clean)
}

function isElement(node: ComarkNode): node is ComarkElement {
  return typeof node !== 'string' && node[0] !== null
}

function isWebAddress(href: unknown): boolean {
  try {
    return ['http:', 'https:', 'mailto:'].includes(new URL(String(href)).protocol)
  }
  catch {
    return false // relative: the model knows nothing of this app
  }
}
