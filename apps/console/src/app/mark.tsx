/** The sign of the product; the name always stands beside it. */
export function Mark({ size }: { readonly size: number }) {
  return <img src="/favicon.svg" width={size} height={size} alt="" />;
}
