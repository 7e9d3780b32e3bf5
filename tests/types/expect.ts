/** Compiles for `true` alone. */
export type Expect<Holds extends true> = Holds;

/** Whether two types are the same: `any` equals only itself, and an optional or readonly field is another field. */
export type Equal<One, Other> = (<Probe>() => Probe extends One ? 1 : 2) extends (<Probe>() => Probe extends Other ? 1
  : 2) ? true
  : false;

/** Whether a type is `any`, which would let every other expectation hold that only assigns. */
export type IsAny<Type> = 0 extends (1 & Type) ? true : false;

export type TheGuardsThemselves = [
  Expect<Equal<{ a: string }, { a: string }>>,
  Expect<Equal<Equal<{ a: string }, { a?: string }>, false>>,
  Expect<Equal<Equal<{ a: string }, { readonly a: string }>, false>>,
  // deno-lint-ignore no-explicit-any -- the guard is about `any`
  Expect<Equal<Equal<{ a: any }, { a: string }>, false>>,
  // deno-lint-ignore no-explicit-any -- the guard is about `any`
  Expect<IsAny<any>>,
  Expect<Equal<IsAny<unknown>, false>>,
  Expect<Equal<IsAny<never>, false>>,
  // @ts-expect-error -- Expect takes nothing but true
  Expect<false>,
];
