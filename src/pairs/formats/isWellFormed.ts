/** Whether a text has no lone surrogate (half of a character), which UTF-8 cannot encode. */
export function isWellFormed(text: string): boolean {
  // Node 20 has this method of ES2024; TypeScript's library for ES2023 does not declare it.
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}
