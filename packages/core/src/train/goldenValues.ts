// Made by tests/reference/makeGoldenValues.ts.

/** Of the gradient by one parameter: its length, and its product with that parameter's direction. */
export type GradientDigest = readonly [length: number, along: number];

/** Loss and gradient of the self-test's model, in the order of its parameters. */
export const goldenValues: { readonly loss: number; readonly gradient: readonly GradientDigest[] } = {
  loss: 2.518115,
  gradient: [
    [0.3947291, -0.08274027], // vit.embeddings.cls_token
    [0.2407401, 0.02016131], // vit.embeddings.patch_embeddings.projection.weight
    [0.108367, 0.0179931], // vit.embeddings.patch_embeddings.projection.bias
    [0.08376991, 0.0007024761], // vit.encoder.layer.0.attention.attention.query.weight
    [0.02731879, 0.01463839], // vit.encoder.layer.0.attention.attention.query.bias
    [0.09995985, 0.001676234], // vit.encoder.layer.0.attention.attention.key.weight
    [5.562341e-10, -1.953946e-10], // vit.encoder.layer.0.attention.attention.key.bias
    [0.4065771, -0.0291415], // vit.encoder.layer.0.attention.attention.value.weight
    [0.1913019, -0.06879311], // vit.encoder.layer.0.attention.attention.value.bias
    [0.4805581, 0.04574416], // vit.encoder.layer.0.attention.output.dense.weight
    [0.3239797, 0.004175159], // vit.encoder.layer.0.attention.output.dense.bias
    [0.6518898, 0.03470387], // vit.encoder.layer.0.intermediate.dense.weight
    [0.1848452, -0.02247577], // vit.encoder.layer.0.intermediate.dense.bias
    [0.4534538, -0.02180738], // vit.encoder.layer.0.output.dense.weight
    [0.2349973, -0.001554938], // vit.encoder.layer.0.output.dense.bias
    [0.05856841, 0.01502124], // vit.encoder.layer.0.layernorm_before.weight
    [0.110802, 0.01168597], // vit.encoder.layer.0.layernorm_before.bias
    [0.1230508, 0.01301505], // vit.encoder.layer.0.layernorm_after.weight
    [0.1239599, -0.03602102], // vit.encoder.layer.0.layernorm_after.bias
    [0.1286661, 0.02530505], // vit.layernorm.weight
    [0.181438, -0.01652016], // vit.layernorm.bias
    [1.126226, 0.2105124], // decoder.mask_token
    [0.7703013, 0.01759522], // decoder.decoder_embed.weight
    [0.3140702, 0.03090723], // decoder.decoder_embed.bias
    [0.7671546, 0.009233595], // decoder.decoder_layers.0.attention.attention.query.weight
    [0.1535537, 0.02214941], // decoder.decoder_layers.0.attention.attention.query.bias
    [0.8691928, 0.008366001], // decoder.decoder_layers.0.attention.attention.key.weight
    [3.074484e-9, 3.443737e-10], // decoder.decoder_layers.0.attention.attention.key.bias
    [2.207393, 0.07255397], // decoder.decoder_layers.0.attention.attention.value.weight
    [0.5384876, -0.03946839], // decoder.decoder_layers.0.attention.attention.value.bias
    [3.675881, 0.3190633], // decoder.decoder_layers.0.attention.output.dense.weight
    [0.711205, 0.2450685], // decoder.decoder_layers.0.attention.output.dense.bias
    [1.822892, -0.1221084], // decoder.decoder_layers.0.intermediate.dense.weight
    [0.4009351, 0.1152939], // decoder.decoder_layers.0.intermediate.dense.bias
    [1.587707, 0.03522499], // decoder.decoder_layers.0.output.dense.weight
    [0.5131303, 0.06532973], // decoder.decoder_layers.0.output.dense.bias
    [0.5628355, -0.04664427], // decoder.decoder_layers.0.layernorm_before.weight
    [0.6297293, 0.0968272], // decoder.decoder_layers.0.layernorm_before.bias
    [0.3844041, 0.08873], // decoder.decoder_layers.0.layernorm_after.weight
    [0.3702551, 0.01238426], // decoder.decoder_layers.0.layernorm_after.bias
    [1.016539, -0.2010163], // decoder.decoder_norm.weight
    [0.8350976, 0.1686328], // decoder.decoder_norm.bias
    [2.438915, -0.03373417], // decoder.decoder_pred.weight
    [0.5303095, 0.0004256034], // decoder.decoder_pred.bias
  ],
};
