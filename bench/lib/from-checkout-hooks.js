let importer

export function initialize(url) {
  importer = url
}

export function resolve(specifier, context, next) {
  if (!specifier.startsWith('@sleuth/')) return next(specifier, context)
  return next(specifier, { ...context, parentURL: importer })
}
