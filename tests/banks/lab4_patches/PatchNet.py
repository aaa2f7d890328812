# %% right: both patches in one batch, a head with a hidden layer
class PatchNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder = encoder
        self.classifier = nn.Sequential(
            nn.Linear(2 * feature_dim, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 8)
        )

    def forward(self, centre, neighbour):
        features = self.encoder(torch.cat([centre, neighbour]))
        return self.classifier(torch.cat(features.chunk(2), dim=1))


# %% right: other names, hstack
class PatchNet(torch.nn.Module):
    def __init__(self, encoder, feature_dim):
        torch.nn.Module.__init__(self)
        self.backbone, self.d = encoder, feature_dim
        self.add_module("last", torch.nn.Linear(feature_dim + feature_dim, 8))

    def features(self, patch):
        return self.backbone(patch)

    def forward(self, centre, neighbour):
        return self.last(torch.hstack((self.features(centre), self.features(neighbour))))


# %% right: two matrices, one a patch, and a bias by hand
class PatchNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder = encoder
        self.of_centre = nn.Linear(feature_dim, 8)
        self.of_neighbour = nn.Linear(feature_dim, 8, bias=False)

    def forward(self, centre, neighbour):
        return self.of_centre(self.encoder(centre)) + self.of_neighbour(self.encoder(neighbour))


# %% right: a weight of its own
class PatchNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder = encoder
        self.weight = nn.Parameter(torch.randn(8, 2 * feature_dim) / (2 * feature_dim) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(8))

    def forward(self, centre, neighbour):
        pair = torch.cat([self.encoder(patch) for patch in (centre, neighbour)], dim=-1)
        return F.linear(pair, self.weight, self.bias)


# %% base: one encoder, one head
class PatchNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(2 * feature_dim, 8)

    def forward(self, centre, neighbour):
        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))


# %% wrong: features added up | says: don't add them up
# -        self.head = nn.Linear(2 * feature_dim, 8)
# +        self.head = nn.Linear(feature_dim, 8)
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        return self.head(self.encoder(centre) + self.encoder(neighbour))

# %% wrong: the difference of the features | says: only the difference
# -        self.head = nn.Linear(2 * feature_dim, 8)
# +        self.head = nn.Linear(feature_dim, 8)
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        return self.head(self.encoder(centre) - self.encoder(neighbour))

# %% wrong: neighbour first | says: the neighbour's features come first
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        return self.head(torch.cat([self.encoder(neighbour), self.encoder(centre)], dim=1))

# %% wrong: only the neighbour, twice | says: the centre plays no part
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        features = self.encoder(neighbour)
# +        return self.head(torch.cat([features, features], dim=1))

# %% wrong: only the centre, twice | says: the neighbour plays no part
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        features = self.encoder(centre)
# +        return self.head(torch.cat([features, features], dim=1))

# %% wrong: the encoder is kept in a list | says: not among the network's
# -        self.encoder = encoder
# +        self.parts = [encoder]
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        (encoder,) = self.parts
# +        return self.head(torch.cat([encoder(centre), encoder(neighbour)], dim=1))

# %% wrong: softmax at the end | says: these are probabilities
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        both = torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1)
# +        return self.head(both).softmax(dim=1)

# %% wrong: ReLU at the end | says: no logit is ever negative
# -        self.head = nn.Linear(2 * feature_dim, 8)
# +        self.head = nn.Sequential(nn.Linear(2 * feature_dim, 8), nn.ReLU())

# %% wrong: nine logits | says: must have shape (40, 8), got (40, 9)
# -        self.head = nn.Linear(2 * feature_dim, 8)
# +        self.head = nn.Linear(2 * feature_dim, 9)

# %% wrong: the patches of the batch on top of each other | says: shapes cannot be multiplied
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=0))

# %% wrong: the predicted position | says: must have shape (40, 8), got (40,)
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        both = torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1)
# +        return self.head(both).argmax(dim=1)

# %% wrong: the encoder learns from the centre alone | says: through the neighbour
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        with torch.no_grad():
# +            other = self.encoder(neighbour)
# +        return self.head(torch.cat([self.encoder(centre), other], dim=1))

# %% wrong: the encoder does not learn | says: no gradient reaches the encoder
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        both = torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1)
# +        return self.head(both.detach())

# %% wrong: features laid alternately | says: do not lie side by side
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        both = torch.stack([self.encoder(centre), self.encoder(neighbour)], dim=2)
# +        return self.head(both.flatten(1))

# %% wrong: features normalised over the batch | says: alone and among
# -        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
# +        both = torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1)
# +        return self.head((both - both.mean(dim=0)) / (both.var(dim=0, unbiased=False) + 1e-5).sqrt())


# %% wrong: a copy of the encoder for the neighbour | says: a second encoder, a copy of the first
import copy


class PatchNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder, self.other = encoder, copy.deepcopy(encoder)
        self.head = nn.Linear(2 * feature_dim, 8)

    def forward(self, centre, neighbour):
        return self.head(torch.cat([self.encoder(centre), self.other(neighbour)], dim=1))


# %% wrong: a fresh second encoder | says: a second encoder perhaps
import copy


class PatchNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder, self.other = encoder, copy.deepcopy(encoder)
        with torch.no_grad():
            for part in self.other.parameters():
                part.normal_(std=0.3)
        self.head = nn.Linear(2 * feature_dim, 8)

    def forward(self, centre, neighbour):
        return self.head(torch.cat([self.encoder(centre), self.other(neighbour)], dim=1))


# %% wrong: works with a copy of the encoder | says: holds a copy of the encoder
import copy


class PatchNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder = copy.deepcopy(encoder)
        self.head = nn.Linear(2 * feature_dim, 8)

    def forward(self, centre, neighbour):
        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))


# %% wrong: the layer is made anew at every call | says: nothing but the encoder learns
class PatchNet(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder, self.feature_dim = encoder, feature_dim

    def forward(self, centre, neighbour):
        both = torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1)
        torch.manual_seed(0)
        return nn.Linear(2 * self.feature_dim, 8)(both)


# %% wrong: no module | says: must be
class PatchNet:
    def __init__(self, encoder, feature_dim):
        self.encoder = encoder
        self.head = nn.Linear(2 * feature_dim, 8)

    def __call__(self, centre, neighbour):
        return self.head(torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1))
