/** Whether a text has no half of a character (a lone surrogate), which UTF-8 cannot write. */
export function isWellFormed(text: string): boolean {
  // Node 20 has the method of ES2024; TypeScript's ES2023 doesn't know it.
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}
