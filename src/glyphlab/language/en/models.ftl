# Models of the registry: what each is, and the part of the lab that it belongs to.

model-logistic = logistic regression: one weight for each pixel and class
    .task = lab 1
model-mlp = fully connected: one to five hidden layers
    .task = lab 2
model-conv2 = two convolutions and one dense layer
    .task = lab 3, task 1
model-conv-pool = one convolution, max or mean pooling, one dense layer
    .task = lab 3, task 2
model-lenet5 = the notebook's variant of LeNet-5: wider, with ReLU
    .task = lab 3, task 3
model-lenet5-classic = LeNet-5 of LeCun et al. 1998: 6-16-120-84, scaled tanh
    .task = lab 3, task 3
model-glyphnet-small = glyphnet at half its width, one block less: a good answer in seconds
    .task = beyond the lab
model-glyphnet = the most accurate that trains in minutes on two cores
    .task = beyond the lab
model-your-own = your own

# A model trained as the notebook does it.
model-of-notebook = { $model } (notebook)

protocol-corrected = corrected
protocol-notebook = notebook

# What sets runs of one model apart: $n images of a dataset; a Recipe's key left at its default.
name-images-of = { $n } of { $dataset }
name-trained-on = trained on { $images }
name-images = images { $fingerprint }
name-default = default { $key }
name-imported = { $model } (imported, { $folder })
