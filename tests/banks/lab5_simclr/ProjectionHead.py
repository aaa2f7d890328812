# %% right: nn.Sequential
class ProjectionHead(nn.Module):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(in_dim, hidden_dim), nn.ReLU(inplace=True), nn.Linear(hidden_dim, out_dim)
        )

    def forward(self, x):
        return self.layers(x)


# %% right: a Sequential itself
class ProjectionHead(nn.Sequential):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__(nn.Linear(in_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, out_dim))


# %% right: the second layer first, clamp for the ReLU, a ModuleList
class ProjectionHead(torch.nn.Module):
    def __init__(self, in_dim, hidden_dim, out_dim):
        torch.nn.Module.__init__(self)
        self.in_dim, self.hidden_dim, self.out_dim = in_dim, hidden_dim, out_dim
        self.linear = torch.nn.ModuleList(
            [torch.nn.Linear(hidden_dim, out_dim), torch.nn.Linear(in_dim, hidden_dim)]
        )

    def forward(self, features):
        return self.linear[0](self.linear[1](features).clamp(min=0))


# %% right: weights of its own
class ProjectionHead(nn.Module):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(hidden_dim, in_dim) / in_dim**0.5)
        self.b1 = nn.Parameter(torch.zeros(hidden_dim))
        self.w2 = nn.Parameter(torch.randn(out_dim, hidden_dim) / hidden_dim**0.5)
        self.b2 = nn.Parameter(torch.zeros(out_dim))

    def forward(self, h):
        return F.linear(torch.relu(F.linear(h, self.w1, self.b1)), self.w2, self.b2)


# %% right: no bias behind
class ProjectionHead(nn.Module):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.fc1 = nn.Linear(in_dim, hidden_dim)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, h):
        return self.fc2(self.relu(self.fc1(h)))


# %% base: two layers and a ReLU
class ProjectionHead(nn.Module):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.first = nn.Linear(in_dim, hidden_dim)
        self.second = nn.Linear(hidden_dim, out_dim)

    def forward(self, x):
        return self.second(F.relu(self.first(x)))


# %% wrong: no ReLU | says: there is no ReLU between the layers
# -        return self.second(F.relu(self.first(x)))
# +        return self.second(self.first(x))

# %% wrong: a ReLU at the end as well | says: there is a ReLU after the second layer as well
# -        return self.second(F.relu(self.first(x)))
# +        return F.relu(self.second(F.relu(self.first(x))))

# %% wrong: a ReLU in front as well | says: there is a ReLU before the first layer as well
# -        return self.second(F.relu(self.first(x)))
# +        return self.second(F.relu(self.first(F.relu(x))))

# %% wrong: tanh | says: there is a tanh between the layers
# -        return self.second(F.relu(self.first(x)))
# +        return self.second(torch.tanh(self.first(x)))

# %% wrong: the hidden layer as wide as the input | says: expected 5 to 7
# -        self.first = nn.Linear(in_dim, hidden_dim)
# -        self.second = nn.Linear(hidden_dim, out_dim)
# +        self.first = nn.Linear(in_dim, in_dim)
# +        self.second = nn.Linear(in_dim, out_dim)

# %% wrong: hidden and out swapped | says: must have shape (8, 3)
# -        self.first = nn.Linear(in_dim, hidden_dim)
# -        self.second = nn.Linear(hidden_dim, out_dim)
# +        self.first = nn.Linear(in_dim, out_dim)
# +        self.second = nn.Linear(out_dim, hidden_dim)

# %% wrong: the module is not prepared | says: before Module.__init__() call
# -        super().__init__()

# %% wrong: length 1 | says: the answer is given length 1
# -        return self.second(F.relu(self.first(x)))
# +        return F.normalize(self.second(F.relu(self.first(x))), dim=1)

# %% wrong: Dropout between | says: nothing in forward may be random
# -        self.first = nn.Linear(in_dim, hidden_dim)
# +        self.first = nn.Linear(in_dim, hidden_dim)
# +        self.drop = nn.Dropout(0.5)
# -        return self.second(F.relu(self.first(x)))
# +        return self.second(self.drop(F.relu(self.first(x))))

# %% wrong: nothing comes back | says: forward gives None
# -        return self.second(F.relu(self.first(x)))
# +        self.second(F.relu(self.first(x)))

# %% wrong: no gradient for the encoder | says: no gradient reaches the features
# -        return self.second(F.relu(self.first(x)))
# +        return self.second(F.relu(self.first(x.detach())))

# %% wrong: the same weights every time | says: two heads have the same weights
# -        super().__init__()
# +        super().__init__()
# +        torch.manual_seed(0)


# %% base: the same in a Sequential
class ProjectionHead(nn.Module):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(in_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, out_dim)
        )

    def forward(self, x):
        return self.layers(x)


# %% wrong: the ReLU at the end | says: the ReLU comes after the second layer
# -            nn.Linear(in_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, out_dim)
# +            nn.Linear(in_dim, hidden_dim), nn.Linear(hidden_dim, out_dim), nn.ReLU()

# %% wrong: GELU | says: there is a GELU between the layers
# -            nn.Linear(in_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, out_dim)
# +            nn.Linear(in_dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, out_dim)

# %% wrong: BatchNorm between | says: so no normalisation layer
# -            nn.Linear(in_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, out_dim)
# +            nn.Linear(in_dim, hidden_dim),
# +            nn.BatchNorm1d(hidden_dim),
# +            nn.ReLU(),
# +            nn.Linear(hidden_dim, out_dim),

# %% wrong: three layers | says: there are 3 linear layers
# -            nn.Linear(in_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, out_dim)
# +            nn.Linear(in_dim, hidden_dim),
# +            nn.ReLU(),
# +            nn.Linear(hidden_dim, hidden_dim),
# +            nn.ReLU(),
# +            nn.Linear(hidden_dim, out_dim),


# %% wrong: one layer | says: there are 1 linear layers
class ProjectionHead(nn.Module):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.layer = nn.Linear(in_dim, out_dim)

    def forward(self, x):
        return F.relu(self.layer(x))


# %% wrong: layers in a plain list | says: the head has no parameters
class ProjectionHead(nn.Module):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.layers = [nn.Linear(in_dim, hidden_dim), nn.Linear(hidden_dim, out_dim)]

    def forward(self, x):
        return self.layers[1](F.relu(self.layers[0](x)))


# %% wrong: layers made anew at each call | says: the head has no parameters
class ProjectionHead(nn.Module):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.dims = (in_dim, hidden_dim, out_dim)

    def forward(self, x):
        first = nn.Linear(self.dims[0], self.dims[1])
        second = nn.Linear(self.dims[1], self.dims[2])
        return second(F.relu(first(x)))
