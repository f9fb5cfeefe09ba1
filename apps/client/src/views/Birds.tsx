import { flock, type Bird } from './birds.ts';

const wings = ({ size }: Bird): string =>
  `M${-size} ${-size * 0.35}Q${-size * 0.35} ${-size * 0.5} 0 ${size * 0.25}Q${size * 0.35} ${-size * 0.5} ${size} ${-size * 0.35}`;

/** The picture on the join page; says nothing to a screen reader. */
export function Flock({ count }: { count: number }) {
  return (
    <svg class="flock" viewBox="8 16 384 116" aria-hidden="true">
      {flock(count).map((bird, i) => (
        <path
          key={i}
          class={`wing${i % 3}`}
          d={wings(bird)}
          transform={`translate(${bird.x.toFixed(1)} ${bird.y.toFixed(1)}) rotate(${bird.turn.toFixed(0)})`}
        />
      ))}
    </svg>
  );
}

/** The mark: three birds that keep together. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M3 11Q8 8 11 14Q14 8 19 11" />
      <path d="M13 20Q18 17 21 23Q24 17 29 20" />
      <path d="M20 7Q23 5.5 24.5 9Q26 5.5 29 7" />
    </svg>
  );
}
