/** A labelled bar; `share` is 0 to 1. */
export function ProgressBar({ share, label }: { share: number; label: string }) {
  return <progress class="bar" max={1} value={Math.min(1, Math.max(0, share))} aria-label={label} />;
}
