/**
 * Copies text; resolves to false where the browser forbids it. The clipboard interface exists on https only, so on
 * plain http the older command does it, from a field that is gone again at once.
 */
export async function copyText(text: string): Promise<boolean> {
  // Typed as always there, but missing on plain http.
  const clipboard: Clipboard | undefined = navigator.clipboard;
  if (clipboard !== undefined)
    return clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  return copied;
}
