import type { ComponentChildren } from 'preact';

/** One figure with its name and, small, what it is made of. */
export function Tile({
  label,
  value,
  note,
}: {
  label: string;
  value: ComponentChildren;
  note?: ComponentChildren;
}) {
  return (
    <div class="tile">
      <dt>{label}</dt>
      <dd>
        <span class="figure">{value}</span>
        {note !== undefined && <span class="note">{note}</span>}
      </dd>
    </div>
  );
}
