import ts from 'typescript'

/**
 * How a function is called, on one line or on as many as it has parameters: defaults and destructuring are the body's business.
 *
 * @param {ts.FunctionDeclaration | ts.ConstructorDeclaration | ts.CallSignatureDeclaration} node
 */
export function formatSignature(node) {
  const head = headOf(node)
  const parameters = node.parameters.map(formatParameter)
  const result = node.type ? `: ${codeOf(node.type)}` : ''
  const line = `${head}${formatTypeParameters(node)}(${parameters.join(', ')})${result}`
  return line.length <= 110 ? line : `${head}${formatTypeParameters(node)}(\n${parameters.map(text => `  ${text},\n`).join('')})${result}`
}

/** `<TObject = never>`, or nothing. */
export function formatTypeParameters({ typeParameters }) {
  return typeParameters ? `<${typeParameters.map(codeOf).join(', ')}>` : ''
}

/** The source of a type on one line, without its comments. */
export function codeOf(node) {
  return oneLine(node.getText())
}

/** Members that a line break separates get a comma. @param {string} text */
export function oneLine(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/([^\s{(,|&=<>:])[ \t]*\n\s*(?=[^\s})|&=?:])/g, '$1, ').replace(/\s+/g, ' ')
}

function headOf(node) {
  if (ts.isFunctionDeclaration(node)) return `function ${node.name.text}`
  return ts.isConstructorDeclaration(node) ? `new ${node.parent.name.text}` : ''
}

function formatParameter({ dotDotDotToken, name, initializer, questionToken, type }) {
  const optional = initializer || questionToken ? '?' : ''
  return `${dotDotDotToken ? '...' : ''}${ts.isIdentifier(name) ? name.text : 'options'}${optional}: ${type ? codeOf(type) : typeOf(initializer)}`
}

function typeOf(initializer) {
  return initializer && ts.isNumericLiteral(initializer) ? 'number' : 'unknown'
}
