# %% right: probabilities, as tensors of two
def upside_down(model, x):
    with evaluating(model), torch.no_grad():
        p = F.softmax(model(x), dim=1)
    return p[:, 2] - p[:, 0] > 0


# %% right: the larger of two logits
def upside_down(model, x):
    flags = [(module, module.training) for module in model.modules()]
    model.eval()
    with torch.no_grad():
        two = model(x)[:, [0, 2]]
    for module, flag in flags:
        module.training = flag
    return two.argmax(dim=1) == 1


# %% right: picture by picture
def upside_down(model, x):
    answers = []
    with evaluating(model):
        for picture in x:
            logits = model(picture.unsqueeze(0)).detach()[0].tolist()
            answers.append(logits[2] > logits[0])
    return torch.tensor(answers, dtype=torch.bool, device=x.device)


# %% right: column by column, with a helper
def logits_of(model, x):
    with evaluating(model), torch.inference_mode():
        return model(x).clone()


def upside_down(model, x):
    upright, _, inverted, _ = logits_of(model, x).unbind(dim=1)
    return inverted.gt(upright).clone()


# %% wrong: the likeliest of four | says: that asks whether 180 degrees is the likeliest of all four
def upside_down(model, x):
    with evaluating(model), torch.no_grad():
        return model(x).argmax(dim=1) == 2


# %% wrong: anything but upright | says: that asks whether 0 degrees is not the likeliest of all four
def upside_down(model, x):
    with evaluating(model), torch.no_grad():
        return model(x).argmax(dim=1) != 0


# %% wrong: the other way round | says: that is the other way round
def upside_down(model, x):
    with evaluating(model), torch.no_grad():
        logits = model(x)
    return logits[:, 0] > logits[:, 2]


# %% wrong: the logit above 0 | says: whether the logit of 180 degrees is above 0
def upside_down(model, x):
    with evaluating(model), torch.no_grad():
        return model(x)[:, 2] > 0


# %% wrong: more than half of the probability | says: more than half of the probability
def upside_down(model, x):
    with evaluating(model), torch.no_grad():
        return model(x).softmax(dim=1)[:, 2] > 0.5


# %% wrong: the wrong class | says: that compares 90 with 0 degrees
def upside_down(model, x):
    with evaluating(model), torch.no_grad():
        logits = model(x)
    return logits[:, 1] > logits[:, 0]


# %% wrong: counted from one | says: that compares 270 with 90 degrees
def upside_down(model, x):
    with evaluating(model), torch.no_grad():
        logits = model(x)
    return logits[:, 3] > logits[:, 1]


# %% wrong: equal counts as upside down | says: `>`, not `>=`
def upside_down(model, x):
    with evaluating(model), torch.no_grad():
        logits = model(x)
    return logits[:, 2] >= logits[:, 0]


# %% wrong: numbers instead of booleans | says: the answer must have dtype torch.bool
def upside_down(model, x):
    with evaluating(model), torch.no_grad():
        return model(x)[:, [0, 2]].argmax(dim=1)


# %% wrong: a list | says: the answer must be a torch.Tensor, got list
def upside_down(model, x):
    with evaluating(model), torch.no_grad():
        logits = model(x)
    return (logits[:, 2] > logits[:, 0]).tolist()


# %% wrong: one answer for all | says: the answer must have shape (60,)
def upside_down(model, x):
    with evaluating(model), torch.no_grad():
        logits = model(x)
    return (logits[:, 2] > logits[:, 0]).any()


# %% wrong: in whatever mode the model came | says: it worked in train mode
def upside_down(model, x):
    with torch.no_grad():
        logits = model(x)
    return logits[:, 2] > logits[:, 0]


# %% wrong: left in eval mode | says: was in train mode before the call and is in eval mode after it
def upside_down(model, x):
    model.eval()
    with torch.no_grad():
        logits = model(x)
    return logits[:, 2] > logits[:, 0]


# %% wrong: train mode for all at the end | says: was in eval mode before the call and is in train mode after it
def upside_down(model, x):
    model.eval()
    with torch.no_grad():
        logits = model(x)
    model.train()
    return logits[:, 2] > logits[:, 0]
