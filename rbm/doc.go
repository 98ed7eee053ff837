// Package rbm is the Restricted Boltzmann Machine: the model, its file and its theory.
//
// The packages below it use a model:
//
//	rbm/train        trains one on the rows of a data set
//	rbm/likelihood   estimates how likely data is under one, with error bars
//	rbm/sample       draws from one by Gibbs chains, and computes features
//	rbm/report       draws a run as a page that shows whether it worked
//	rbm/estimate     statistics that the others share and that need no model
//
// # The model
//
// An RBM is a Markov random field of V visible units v and H hidden units h. A state has the
// energy
//
//	E(v,h) = -aᵀv - bᵀh - vᵀWh
//
// with weights W (V,H), visible biases a (V) and hidden biases b (H), and the
// probability
//
//	p(v,h) = e^(-E(v,h)) / Z,    Z = Σ_v Σ_h e^(-E(v,h)).
//
// A unit has one of the states of its kind, 0 or 1 by default; see [Layer]. A unit of several states has
// a column of the layer for each, with a number of its own in v, W and a. Only
// visible-hidden pairs are joined: that is the restriction. Given one layer, the units of the
// other layer are independent, and the distribution of each depends only on its field,
//
//	p(h_j|v) = e^(h_j x_j - Γ_j(x_j)),    x_j = b_j + Σ_i v_i w_ij,
//
// and p(v_i|h) likewise. Γ_j(x) = log Σ_h e^(hx) is the cumulant of the unit's kind, and its
// derivative is the mean of the unit: log(1 + e^x) and σ(x) for a unit with values 0 and 1.
//
// The hidden layer can therefore be summed out in closed form,
//
//	p(v) = e^(-F(v)) / Z,    F(v) = -aᵀv - Σ_j Γ_j(b_j + Σ_i v_i w_ij),
//
// and the two layers be sampled in turn. The log-likelihood, the mean of log p(v)
// over the data, has the gradient
//
//	ΔW = ⟨v hᵀ⟩data - ⟨v hᵀ⟩model,
//
// whose second term, the negative phase, training estimates with Gibbs chains.
//
// A model may also have couplings among its visible units, and no hidden ones: the semi-restricted machine and
// the pairwise model, see lateral.go. A [Boltzmann] machine has any graph.
//
// # Reading order
//
// layer.go, model.go and modelfile.go, then the theory on one configuration at a time: energy.go,
// conditional.go, marginal.go, partition.go (log Z; digits.go and odometer.go are other ways to enumerate),
// likelihood.go, gradient.go and expected_cd.go; given.go, of rows with missing cells; baserates.go, the base
// model of annealing; gauge.go, of categorical units; gaussians.go, of real states in both layers; stack.go, of
// models above each other; and lateral.go and boltzmann.go, which lift the restriction. The theory is exact: the
// tests compare the batched graphs of the packages below with it. The graphs begin with rbm/internal/graph.
//
// # Precision
//
// Parameters and states are float32. Energies, log-probabilities, log Z, exact
// gradients and all sums over states or data are float64, computed from float32
// products, which are exact in it. Logarithms are natural: energies and
// likelihoods are in nats.
//
// Shapes are written (rows, columns) and slices are row-major; v is (V) for one
// state and (N,V) for N rows. The functions of the theory also accept means
// in place of states where the formula allows it. They only read the model, so they
// may run concurrently. They panic if a slice has the wrong length.
package rbm
