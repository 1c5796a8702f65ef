/** The span whose parent the caller named, with all that is below it; without what the tool says must differ. */
export function treeOf(spans, parent, differs) {
  return spans
    .filter((span) => span.parent === parent)
    .map(({ id, name, facts }) => ({
      name,
      facts: Object.fromEntries(Object.entries(facts).filter(([key]) => !differs.test(key))),
      below: treeOf(spans, id, differs),
    }))
    .sort((one, other) => one.name.localeCompare(other.name))
}

/** How many spans a tree has. */
export function sizeOf(tree) {
  return tree.reduce((sum, { below }) => sum + 1 + sizeOf(below), 0)
}

/** All spans of a tree, those at the top first. */
export function listOf(tree) {
  return tree.flatMap((span) => [span, ...listOf(span.below)])
}
