"""The U-Net of unet-lgg and its objective in PyTorch, with the same names of weights."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Unit(nn.Module):
    """What Glia calls ConvNormRelu, with the same names."""

    def __init__(self, i, o, norm):
        super().__init__()
        self.conv = nn.Conv2d(i, o, 3, padding=1, bias=not norm)
        self.norm = nn.BatchNorm2d(o) if norm else None

    def forward(self, x):
        x = self.conv(x)
        return F.relu(self.norm(x) if self.norm else x, inplace=True)


class UNet(nn.Module):
    def __init__(self, features, norm):
        super().__init__()
        block = lambda i, o: nn.Sequential(Unit(i, o, norm), Unit(o, o, norm))
        i, f = 3, features
        for level in range(1, 5):
            setattr(self, f"encoder{level}", block(i, f))
            i, f = f, 2 * f
        self.bottom = block(i, f)
        for level in range(4, 0, -1):
            setattr(self, f"up{level}", nn.ConvTranspose2d(f, f // 2, 2, 2))
            f //= 2
            setattr(self, f"decoder{level}", block(2 * f, f))
        self.head = nn.Conv2d(f, 1, 1)

    def forward(self, x):
        skips = []
        for level in range(1, 5):
            x = getattr(self, f"encoder{level}")(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for level in range(4, 0, -1):
            x = torch.cat([getattr(self, f"up{level}")(x), skips.pop()], 1)
            x = getattr(self, f"decoder{level}")(x)
        return self.head(x)


def objective(logits, t):
    logits = logits.float()
    p = torch.sigmoid(logits)
    dice = 1 - (2 * (p * t).sum() + 1) / (p.sum() + t.sum() + 1)
    return F.binary_cross_entropy_with_logits(logits, t) + dice
