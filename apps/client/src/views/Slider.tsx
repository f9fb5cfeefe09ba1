interface SliderProps {
  readonly id: string;
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value as a person reads it: `60 %`. */
  readonly words: string;
  /** What it means: one short line. */
  readonly meaning: string;
  readonly onInput: (value: number) => void;
}

/** A labelled slider for fingers and keys; every move is handed on at once. */
export function Slider({ id, label, value, min, max, step, words, meaning, onInput }: SliderProps) {
  const share = max > min ? (value - min) / (max - min) : 0;
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <span class="sliderWords" aria-hidden="true">
        {words}
      </span>
      <input
        id={id}
        type="range"
        {...{ min, max, step, value }}
        disabled={max <= min}
        aria-valuetext={`${words}, ${meaning}`}
        style={{ '--share': String(share) }}
        onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
      />
      <p class="note">{meaning}</p>
    </div>
  );
}
