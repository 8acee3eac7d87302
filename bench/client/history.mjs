/** Messages said before, as every chat takes them. */
export function past(count) {
  return Array.from({ length: count }, (_, index) => ({
    id: `past-${index}`,
    role: index % 2 === 0 ? 'user' : 'assistant',
    parts: [{ type: 'text', text: `Message ${index}, said long ago and of some length.`, state: 'done' }],
  }))
}
