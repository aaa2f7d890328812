# %% right: a head of two layers
class RotationNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Sequential(
            nn.Linear(feature_dim, feature_dim), nn.ReLU(), nn.Linear(feature_dim, 4)
        )

    def forward(self, x):
        features = self.encoder(x)
        return self.head(features)


# %% right: the encoder in a sequence
class RotationNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.layers = nn.Sequential(encoder, nn.Linear(feature_dim, 4, bias=False))
        self.encoder = self.layers[0]

    def forward(self, images):
        return self.layers(images)


# %% right: a class derived from Sequential, the encoder named by a property
class RotationNet(nn.Sequential):
    def __init__(self, encoder, feature_dim):
        super().__init__(encoder, nn.Linear(feature_dim, 4))

    @property
    def encoder(self):
        return self[0]


# %% right: weights of its own instead of a layer
class RotationNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        nn.Module.__init__(self)
        self.encoder = encoder
        self.W = nn.Parameter(torch.empty(feature_dim, 4).normal_(std=0.1))
        self.b = nn.Parameter(torch.zeros(4))

    def forward(self, x):
        return torch.einsum("nd,dc->nc", self.encoder(x), self.W) + self.b


# %% right: a base class and a dropout of one's own
class WithEncoder(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder


class RotationNet(WithEncoder):
    classes = 4

    def __init__(self, encoder, feature_dim):
        super().__init__(encoder)
        self.feature_dim = feature_dim
        self.fc = nn.Linear(in_features=feature_dim, out_features=self.classes)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        return self.fc(self.drop(torch.flatten(self.encoder(x), 1)))


# %% right: a head that begins with zeros
class RotationNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder, self.head = encoder, nn.Linear(feature_dim, 4)
        nn.init.zeros_(self.head.weight)
        nn.init.normal_(self.head.bias)

    def forward(self, x):
        return self.head(self.encoder(x))


# %% base: an encoder and a head
class RotationNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(feature_dim, 4)

    def forward(self, x):
        return self.head(self.encoder(x))


# %% wrong: a copy of the encoder | says: net.encoder is a copy
# -        self.encoder = encoder
# +        import copy
# +
# +        self.encoder = copy.deepcopy(encoder)

# %% wrong: the encoder under another name | says: the network has no part called `encoder`
# -        self.encoder = encoder
# +        self.backbone = encoder
# -        return self.head(self.encoder(x))
# +        return self.head(self.backbone(x))

# %% wrong: two classes | says: the answer must have shape (6, 4), got (6, 2)
# -        self.head = nn.Linear(feature_dim, 4)
# +        self.head = nn.Linear(feature_dim, 2)

# %% wrong: probabilities | says: the answers are probabilities (softmax)
# -        return self.head(self.encoder(x))
# +        return self.head(self.encoder(x)).softmax(dim=1)

# %% wrong: a ReLU at the end | says: no logit is ever below 0
# -        self.head = nn.Linear(feature_dim, 4)
# +        self.head = nn.Sequential(nn.Linear(feature_dim, 4), nn.ReLU())

# %% wrong: the features, without a head | says: the answer must have shape (6, 4), got (6, 5)
# -        return self.head(self.encoder(x))
# +        return self.encoder(x)

# %% wrong: the head made anew each time | says: Is the head made anew in each forward pass?
# -        self.head = nn.Linear(feature_dim, 4)
# +        self.feature_dim = feature_dim
# -        return self.head(self.encoder(x))
# +        return nn.Linear(self.feature_dim, 4)(self.encoder(x))

# %% wrong: the head in a list | says: the head has no parameters that an optimizer could find
# -        self.head = nn.Linear(feature_dim, 4)
# +        self.heads = [nn.Linear(feature_dim, 4)]
# -        return self.head(self.encoder(x))
# +        return self.heads[0](self.encoder(x))

# %% wrong: features detached | says: the encoder gets no gradient
# -        return self.head(self.encoder(x))
# +        return self.head(self.encoder(x).detach())

# %% wrong: the encoder under no_grad | says: the encoder gets no gradient
# -        return self.head(self.encoder(x))
# +        with torch.no_grad():
# +            features = self.encoder(x)
# +        return self.head(features)

# %% wrong: the encoder frozen | says: was left with requires_grad=False
# -        self.encoder = encoder
# +        self.encoder = encoder
# +        for parameter in self.encoder.parameters():
# +            parameter.requires_grad = False

# %% wrong: the encoder in eval mode, whatever comes | says: forward switches the encoder to eval mode
# -        return self.head(self.encoder(x))
# +        return self.head(self.encoder.eval()(x))

# %% wrong: a width of its own | says: mat1 and mat2 shapes cannot be multiplied
# -        self.head = nn.Linear(feature_dim, 4)
# +        self.head = nn.Linear(128, 4)

# %% wrong: no super().__init__() | says: cannot assign module before Module.__init__() call
# -        super().__init__()

# %% wrong: forward forgets to return | says: is None: the function needs a `return`
# -        return self.head(self.encoder(x))
# +        self.head(self.encoder(x))


# %% wrong: the encoder hidden in a list | says: the network has no part called `encoder`
class RotationNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.parts = [encoder, nn.Linear(feature_dim, 4)]
        self.head = self.parts[1]

    def forward(self, x):
        return self.head(self.parts[0](x))


# %% wrong: another encoder does the work | says: the encoder gets no gradient
class RotationNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        import copy

        self.encoder = encoder
        self.net = nn.Sequential(copy.deepcopy(encoder), nn.Linear(feature_dim, 4))

    def forward(self, x):
        return self.net(x)


# %% wrong: no module at all | says: must be an nn.Module
class RotationNet:
    def __init__(self, encoder, feature_dim):
        self.encoder = encoder
        self.head = nn.Linear(feature_dim, 4)

    def __call__(self, x):
        return self.head(self.encoder(x))
